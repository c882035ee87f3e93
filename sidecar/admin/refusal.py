"""The one exception of this room: what was asked is not done, and the caller is told why."""

from collections.abc import Mapping
from types import MappingProxyType

from sidecar.core.audit import Action

_NOTHING: Mapping[str, object] = MappingProxyType({})

REFUSED_ACTS = frozenset({"forbidden", "reauth_required", "cross_site_request", "count_changed"})
"""Codes of refusals that are entered in the audit log by whoever answers. `last_owner`, and a
`forbidden` for somebody's rank, are decided and entered by the store, in the same step."""


class Refusal(Exception):
    """code: of the problem. faults: what is wrong, by the member's name as the client writes it.
    members: further ones of the answer. action: what was refused, if the route alone does not say
    it. audited: the store has entered it already."""

    def __init__(
        self,
        code: str,
        *,
        faults: Mapping[str, str] | None = None,
        members: Mapping[str, object] = _NOTHING,
        action: Action | None = None,
        audited: bool = False,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.faults = faults or {}
        self.members = members
        self.action = action
        self.is_act = code in REFUSED_ACTS and not audited


def invalid(member: str, message: str) -> Refusal:
    """Return the refusal of input that has the right type and cannot be used all the same."""
    return Refusal("invalid_input", faults={member: message})
