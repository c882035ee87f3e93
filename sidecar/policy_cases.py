"""Tables of requests and the verdict that a policy is expected to give, as in `policies/cases/`.

A file names the policy it is about, beside itself, and lists `[[case]]` tables. `allow`, `sign_in`
and `deny` are what the route rules decide; `refuse` is a target with no one reading (400).
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, PlainValidator

from sidecar.core.paths import Target, canonical_target
from sidecar.core.policy import Policy
from sidecar.core.routes import RouteTable, permits
from sidecar.core.session import Handle, Session
from sidecar.core.users import Role, UserId
from sidecar.faults import Fault
from sidecar.layers import Layers
from sidecar.policy_file import PolicyInvalid, load_policy
from sidecar.policy_model import RoleName
from sidecar.tables import Table
from sidecar.values import Text, Texts, text

Expected = Literal["allow", "sign_in", "deny", "refuse"]
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


class Asker(Table):
    """Who is signed in, as far as routes look at it."""

    role: RoleName = Role.USER
    groups: Texts = ()


class Case(Table):
    """One request and its expected verdict. session: None for a request without one."""

    method: Annotated[str, PlainValidator(lambda value: text(value).upper())] = "GET"
    host: Annotated[str, PlainValidator(lambda value: text(value).lower())] = "app.example.com"
    path: Text
    session: Asker | None = None
    expect: Expected


class CaseFile(Table):
    policy: Text
    case: list[Case] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A case that the policy decides otherwise. number counts from 1 within its file."""

    file: Path
    number: int
    case: Case
    got: Expected

    def __str__(self) -> str:
        request = f"{self.case.method} {self.case.host} {self.case.path}"
        who = f"as {self.case.session.role.word}" if self.case.session else "signed out"
        verdicts = f"expected {self.case.expect}, got {self.got}"
        return f"{self.file}: case[{self.number}]: {request} {who}: {verdicts}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of all files: how many cases were tried, which failed, and what could not be read."""

    tried: int
    mismatches: tuple[Mismatch, ...]
    faults: tuple[Fault, ...]


def run_cases(folder: Path) -> Outcome:
    """Try every case of the `*.toml` files in `folder`, in the order of their names."""
    tried, mismatches, faults = 0, list[Mismatch](), list[Fault]()
    files = sorted(folder.glob("*.toml"))
    if not files:
        faults.append(Fault(str(folder), "", "holds no *.toml file of cases"))
    for file in files:
        try:
            cases, policy = _read(file)
        except PolicyInvalid as invalid:
            faults.extend(invalid.faults)
            continue
        routes = RouteTable(policy.routes)
        for number, case in enumerate(cases, start=1):
            tried += 1
            got = decide(routes, case)
            if got != case.expect:
                mismatches.append(Mismatch(file, number, case, got))
    return Outcome(tried, tuple(mismatches), tuple(faults))


def decide(routes: RouteTable, case: Case) -> Expected:
    """Say what the routes make of the request."""
    target = canonical_target(case.path)
    if not isinstance(target, Target):
        return "refuse"
    session = _session(case.session) if case.session else None
    if permits(routes.match(case.method, case.host, target.path), session):
        return "allow"
    return "deny" if session else "sign_in"


def _read(file: Path) -> tuple[list[Case], Policy]:
    """Return the cases and the policy that they are about. Raises PolicyInvalid."""
    layers = Layers(["case"])
    layers.add_file(file)
    if layers.faults:
        raise PolicyInvalid(layers.faults)  # what is missing in it then cannot be said
    read, faults = layers.read(CaseFile)
    if faults or read is None:
        raise PolicyInvalid([replace(fault, place=str(file)) for fault in faults])
    return read.case, load_policy((file.parent / read.policy).resolve())


def _session(asker: Asker) -> Session:
    return Session(
        handle=Handle(""),
        secret_hash=b"",
        user_id=UserId(""),
        username="",
        role=asker.role,
        groups=asker.groups,
        created_at=_LONG_AGO,
        last_active_at=_LONG_AGO,
        authenticated_at=_LONG_AGO,
    )
