"""Names in filters and distinguished names: never read as anything else."""

import pytest

from sidecar.login.ldap_names import anybody, assertion_of, filled, group_names, subject_of

BASE = "ou=groups,dc=example,dc=com"


@pytest.mark.parametrize(
    ("name", "stands"),
    [
        ("ann", "(uid=ann)"),
        ("*", r"(uid=\2a)"),
        ("ann)(|(uid=*", r"(uid=ann\29\28|\28uid=\2a)"),
        ("a\\b", r"(uid=a\5cb)"),
        ("a\0b", r"(uid=a\00b)"),
        ("{dn}", "(uid={dn})"),
    ],
)
def test_given_a_name_when_it_is_put_into_a_filter_then_it_is_a_name(
    name: str, stands: str
) -> None:
    assert filled("(uid={username})", username=name, dn="never") == stands


def test_given_a_value_that_looks_like_a_place_then_nothing_is_put_into_it() -> None:
    done = filled("(|(member={dn})(uid={username}))", dn="cn={username}", username="*")

    assert done == r"(|(member=cn={username})(uid=\2a))"


def test_given_a_filter_when_anybody_may_be_meant_then_the_rest_of_it_stays() -> None:
    assert anybody("(&(uid={username})(!(x=1)))") == "(&(uid=*)(!(x=1)))"


@pytest.mark.parametrize(
    ("raw", "subject", "assertion"),
    [
        (b"4a-1f", "4a-1f", "4a-1f"),
        (b"\xff\x00*", "hex:ff002a", r"\ff\00\2a"),
        (b"hex:00", "hex:6865783a3030", r"\68\65\78\3a\30\30"),
        (b"a*", "a*", r"a\2a"),
    ],
)
def test_given_an_identifier_then_it_is_found_again_by_it(
    raw: bytes, subject: str, assertion: str
) -> None:
    assert subject_of(raw) == subject
    assert assertion_of(subject) == assertion


def test_given_names_of_groups_then_only_those_below_the_base_count() -> None:
    names = [
        f"cn=staff,{BASE}",
        "CN=Ops, OU=Groups, dc=example, dc=com",
        "cn=owners,ou=clubs,dc=example,dc=com",
        f"cn=owners,ou=evil\\,{BASE}",
        BASE,
        "no name at all",
        "",
    ]

    assert group_names(names, BASE) == ["staff", "Ops"]


def test_given_escapes_in_the_name_of_a_group_then_they_are_undone() -> None:
    names = [f"cn=a\\2Cb,{BASE}", f"cn=c\\,d,{BASE}", f"cn=\\C3\\A9,{BASE}"]

    assert group_names(names, BASE) == ["a,b", "c,d", "é"]
