"""The settings of one source of signals: a table `[signals.NAME]`, as many as there are sources.

NAME stands in the address that it sends to, and in the audit log.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from sidecar.settings_identity import OptionalText, TextList, texts
from sidecar.settings_values import File
from sidecar.values import Part, Reads

_ACTS = frozenset({"user", "session"})


def _acts(value: object) -> tuple[str, ...]:
    found = texts(value)
    if not found or not _ACTS.issuperset(found):
        raise ValueError('must hold "user", "session" or both')
    return found


Acts = Annotated[TextList, Reads(_acts)]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalSettings(Part):
    """Another system that may end sessions.

    kind: hmac for messages with a shared secret, which secret_file has; jwt for signed tokens,
    whose public keys keys_file has. may: what it may end, all of a person's or one. audience: what
    its tokens have to be for; unset, public_url. issuer: who they have to be from; unset, anybody
    with the key.
    """

    kind: Literal["hmac", "jwt"]
    secret_file: File = None
    keys_file: File = None
    may: Acts = ("user", "session")
    audience: OptionalText = None
    issuer: OptionalText = None
