"""What types cannot say of input: addresses, instants, names, passwords. Each raises CallRefused
with the member at fault."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import UNSET, UnsetType

from sidecar.core.call_refusal import CallRefused, invalid
from sidecar.core.instants import read_instant
from sidecar.core.listing import Network, SessionFilter
from sidecar.core.network_text import read_network
from sidecar.core.passwords import is_too_long_to_read, weaknesses_of
from sidecar.core.policy import Policy
from sidecar.core.session import Kind
from sidecar.core.users import UserId, name_fault


def filter_of(
    user_id: str | UnsetType,
    q: str | UnsetType,
    ip: str | UnsetType,
    kind: Kind | UnsetType,
) -> SessionFilter:
    """Return which sessions are meant."""
    return SessionFilter(
        user_id=UserId(user_id) if user_id is not UNSET else None,
        username_prefix=q if q is not UNSET else "",
        network=network_of(ip) if ip is not UNSET else None,
        kind=kind if kind is not UNSET else None,
    )


def network_of(text: str) -> Network:
    """Return the address or network that `ip` names."""
    try:
        return read_network(text)
    except ValueError:
        raise invalid("ip", "Give an IP address or a network such as 203.0.113.0/24.") from None


def instant_of(member: str, text: str | UnsetType) -> datetime | None:
    if text is UNSET:
        return None
    try:
        return read_instant(text)
    except ValueError:
        raise invalid(member, "Give an instant such as 2026-01-31T09:30:00Z.") from None


def check_name(username: str) -> None:
    fault = name_fault(username)
    if fault is not None:
        raise invalid("username", f"The name {fault}.")


def check_person(
    display_name: str | UnsetType, email: str | UnsetType, groups: Sequence[str] | UnsetType
) -> None:
    """These go into header fields, lists and logs: no character may be invisible."""
    texts = {"displayName": display_name, "email": email}
    faults = {
        member: "Use visible characters only."
        for member, text in texts.items()
        if text is not UNSET and not text.isprintable()
    }
    for number, group in enumerate(groups if groups is not UNSET else ()):
        if not group.isprintable() or not group.strip():
            faults[f"groups.{number}"] = "Use visible characters only."
    if faults:
        raise CallRefused("invalid_input", faults=faults)


def check_password(member: str, password: str, policy: Policy, *about: str) -> None:
    """about: what must not be most of the password, such as the username."""
    if is_too_long_to_read(password):
        raise CallRefused("payload_too_large")
    weak = weaknesses_of(password, policy.password, [word for word in about if word])
    if weak:
        raise CallRefused("invalid_input", weak=weak, weak_member=member)
