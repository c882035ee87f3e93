"""All that the operations of self-service work with, as one typed value."""

from collections.abc import Callable
from dataclasses import dataclass

from sidecar.core.agents import Agents
from sidecar.core.directory import Directory
from sidecar.core.factors import Enrolment, FactorBook
from sidecar.core.notices import Notices
from sidecar.core.policy import Policy
from sidecar.core.ports import Clock, Sessions
from sidecar.core.proof import PasswordHashing, PasswordProof


@dataclass(frozen=True, slots=True)
class AccountDesk:
    """public_url: an origin without a final slash. mount: below which our own pages are."""

    sessions: Sessions
    directory: Directory
    notices: Notices
    proof: PasswordProof
    passwords: PasswordHashing
    policy: Callable[[], Policy]
    public_url: str
    mount: str
    agents: Agents
    factors: FactorBook
    enrolment: Enrolment
    clock: Clock
