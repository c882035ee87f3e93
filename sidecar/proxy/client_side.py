"""What an exchange needs from the client's connection; the front implements it."""

from enum import Enum
from typing import Protocol

from aiohttp.http_parser import RawResponseMessage


class Failure(Enum):
    """Why the upstream gave no answer. The value is the status that the client gets."""

    UNREACHABLE = (502, "upstream_unreachable", "The application could not be reached.")
    BAD_RESPONSE = (502, "upstream_bad_response", "The application sent an invalid response.")
    CLOSED = (502, "upstream_closed", "The application closed the connection before it answered.")
    CONNECT_TIMEOUT = (504, "upstream_timeout", "The application did not accept a connection.")
    RESPONSE_TIMEOUT = (504, "upstream_timeout", "The application did not answer in time.")
    EXHAUSTED = (503, "upstream_busy", "Too many requests are waiting for the application.")

    @property
    def status(self) -> int:
        return self.value[0]

    @property
    def code(self) -> str:
        return self.value[1]

    @property
    def detail(self) -> str:
        return self.value[2]


class ClientSide(Protocol):
    """The client's end of one exchange. Each exchange ends with exactly one of
    `reply`, `reply_end`, `reply_failed`, `cut` or `switch`."""

    http10: bool
    keep_alive: bool

    def reply(self, status: int, head: bytes, body: bytes) -> None:
        """Send a response that arrived whole."""

    def reply_begin(self, status: int, head: bytes, *, close: bool) -> None:
        """Send the head of a response whose body follows. close: its end is the connection's."""

    def reply_write(self, parts: tuple[bytes, ...]) -> None:
        """Send body bytes, framed already."""

    def reply_end(self, last: bytes) -> None:
        """Send the last framing bytes; the response is complete."""

    def reply_failed(self, failure: Failure) -> None:
        """Nothing was sent yet, and nothing will come."""

    def cut(self) -> None:
        """Something was sent and the rest will not come: end hard, so that it shows."""

    def switch(self, message: RawResponseMessage, head: bytes, early: bytes) -> None:
        """The upstream agreed to switch protocols; `early` came with its head."""

    def pause_body(self) -> None:
        """The upstream takes no more of the request body for now."""

    def resume_body(self) -> None:
        """It does again."""
