"""The policy in force with its story: where each value came from, and how the last reload went."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sidecar.core.policy import Policy


@dataclass(frozen=True, slots=True)
class PolicyFault:
    """Why a file was refused. place: the file; key: dotted, may be empty."""

    place: str
    key: str
    problem: str


@dataclass(frozen=True, slots=True)
class Reload:
    """One attempt to read the policy again. Without faults it is in force since."""

    at: datetime
    faults: tuple[PolicyFault, ...] = ()


@dataclass(frozen=True, slots=True)
class PolicyState:
    """loaded_at: since when this policy is in force, in the process that is asked."""

    policy: Policy
    loaded_at: datetime
    last_reload: Reload | None = None


AskPolicy = Callable[[], PolicyState]
