"""What the API of agents takes, and how it says what it does not."""

from datetime import timedelta

import msgspec
import pytest

from sidecar.core.agent_shapes import NewAgentBody, check_agent, delegation_of, lifetime_of
from sidecar.core.call_refusal import CallRefused
from sidecar.core.policy import Policy, Route
from sidecar.core.users import Role
from tests.callers import a_caller
from tests.store.seeds import a_session

POLICY = Policy(routes=(Route(path="/admin/**", allow="members", roles=frozenset({Role.ADMIN})),))


def a_body(*scopes: str, name: str = "bot") -> NewAgentBody:
    return NewAgentBody(name=name, scopes=scopes or ("GET /wiki/**",))


def refusal(body: NewAgentBody) -> CallRefused:
    with pytest.raises(CallRefused) as caught:
        check_agent(body, a_session(), POLICY, "app.example", "/_sidecar")
    return caught.value


@pytest.mark.parametrize(
    ("given", "expected"),
    [("90", 90), ('"90s"', 90), ('"8h"', 8 * 3600), ("1", 1)],
)
def test_given_a_lifetime_when_it_is_read_then_both_forms_are_spans(given: str, expected: int):
    raw = f'{{"name":"bot","scopes":["GET /"],"expiresIn":{given}}}'

    body = msgspec.json.decode(raw, type=NewAgentBody)

    assert lifetime_of(body) == timedelta(seconds=expected)


def test_given_no_lifetime_when_it_is_read_then_it_is_as_long_as_may_be():
    assert lifetime_of(a_body()) is None


@pytest.mark.parametrize("given", ["0", "-1", '"8 hours"', "1.5", "true", '""', "null"])
def test_given_what_is_no_lifetime_when_it_is_read_then_it_is_refused(given: str):
    raw = f'{{"name":"bot","scopes":["GET /"],"expiresIn":{given}}}'

    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(raw, type=NewAgentBody)


def test_given_less_than_a_second_when_it_is_read_then_the_member_is_named():
    body = NewAgentBody(name="bot", scopes=("GET /",), expires_in="5ms")

    with pytest.raises(CallRefused) as caught:
        lifetime_of(body)

    assert list(caught.value.faults) == ["expiresIn"]


@pytest.mark.parametrize("name", [" bot", "bot ", "a\nb", "a\u200bb"])
def test_given_a_name_that_lists_cannot_show_when_it_is_checked_then_it_is_refused(name: str):
    assert list(refusal(a_body(name=name)).faults) == ["name"]


def test_given_wrong_scopes_when_they_are_checked_then_each_is_named():
    assert list(refusal(a_body("GET /a", "wrong", "GET b")).faults) == ["scopes.1", "scopes.2"]


@pytest.mark.parametrize(
    "scope", ["GET /admin/**", "* /_sidecar/**", "GET /_sidecar/api/admin/users", "GET /_sidecar"]
)
def test_given_a_scope_beyond_the_person_when_it_is_checked_then_it_is_forbidden(scope: str):
    assert refusal(a_body("GET /wiki/**", scope)).code == "forbidden"


def test_given_scopes_within_the_person_when_they_are_checked_then_they_are_taken():
    body = a_body("GET /wiki/**", "GET /", "GET /wiki/**")

    wanted = delegation_of(a_caller(), body, "agent", POLICY, "https://app.example", "/_sidecar")

    assert (wanted.name, wanted.kind, wanted.scopes) == ("bot", "agent", ("GET /wiki/**", "GET /"))
