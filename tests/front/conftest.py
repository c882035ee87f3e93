"""Runs tests of sockets on the event loop of the product."""

import asyncio
from collections.abc import Callable, Mapping

import pytest
import uvloop


def pytest_asyncio_loop_factories(
    item: pytest.Function,
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Choose uvloop where the data plane is tested; the rest of the front needs no socket."""
    if hasattr(item.module, "a_plane"):
        return {"uvloop": uvloop.new_event_loop}
    return {"asyncio": asyncio.new_event_loop}
