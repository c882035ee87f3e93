"""Delegating to software, in tests."""

from dataclasses import replace
from typing import Any, Literal

from sidecar.core.agents import AgentLimit, CreatorGone, Delegated, Delegation
from sidecar.core.audit import SYSTEM
from sidecar.core.session import Session
from tests.store.rig import Rig


async def ask(
    rig: Rig, creator: Session, kind: Literal["agent", "service"] = "agent", **more: Any
) -> Delegated | AgentLimit | CreatorGone:
    wanted = Delegation(creator, SYSTEM, kind, "bot", ("GET /wiki/**", "* /orders/*"))
    return await rig.agents.delegate(replace(wanted, **more))


async def delegate(
    rig: Rig, creator: Session, kind: Literal["agent", "service"] = "agent", **more: Any
) -> Delegated:
    done = await ask(rig, creator, kind, **more)
    assert isinstance(done, Delegated)
    return done
