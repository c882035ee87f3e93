"""The one exception of our API's operations: what was asked is not done, and the caller is told
why."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from types import MappingProxyType

from sidecar.core.audit import Action
from sidecar.core.passwords import Weakness

_NOTHING: Mapping[str, object] = MappingProxyType({})

REFUSED_ACTS = frozenset(
    {"forbidden", "reauth_required", "cross_site_request", "count_changed", "alarm_resolved"}
)
"""Codes of refusals that are entered in the audit log by whoever answers. `last_owner`, and a
`forbidden` for somebody's rank, are decided and entered by the store, in the same step."""


class CallRefused(Exception):
    """code: of the problem. faults: what is wrong, by the member's name as the client writes it.
    members: further ones of the answer. action: what was refused, if the route alone does not say
    it. audited: the store has entered it already. is_act: it is entered
    though its code is not among those above. status: where the code alone does not say it.
    retry_after: when it may be tried again. weak: what is wrong with a new password, to be said in
    the language of whoever chose it. weak_member: its name."""

    def __init__(
        self,
        code: str,
        *,
        faults: Mapping[str, str] | None = None,
        members: Mapping[str, object] = _NOTHING,
        action: Action | None = None,
        audited: bool = False,
        is_act: bool = False,
        status: int | None = None,
        retry_after: timedelta | None = None,
        weak: Sequence[Weakness] = (),
        weak_member: str = "new",
    ) -> None:
        super().__init__(code)
        self.code = code
        self.faults = faults or {}
        self.members = members
        self.action = action
        self.status = status
        self.retry_after = retry_after
        self.weak = weak
        self.weak_member = weak_member
        self.is_act = (is_act or code in REFUSED_ACTS) and not audited


def invalid(member: str, message: str) -> CallRefused:
    """Return the refusal of input that has the right type and cannot be used all the same."""
    return CallRefused("invalid_input", faults={member: message})
