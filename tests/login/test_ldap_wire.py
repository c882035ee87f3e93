"""Calls to Debian's slapd: who is found, whose password it is, and to whom nothing is said."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from ldap3.utils.dn import escape_rdn

from sidecar.login.claims import ClaimNames
from sidecar.login.ldap_wire import LdapRules, LdapWire
from sidecar.login.provider import Entry, ProviderUnavailable
from tests.certificates import write_certificate
from tests.login.slapd import BASE, PASSWORD, SEARCH_DN, Slapd, a_slapd, group, person
from tests.ports import free_port

NAMES = ClaimNames("username", "mail", "name", "groups")


@pytest.fixture(scope="module")
def slapd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    with a_slapd(tmp_path_factory.mktemp("slapd")) as started:
        yield started


def rules(slapd: Slapd, **more: object) -> LdapRules:
    own = LdapRules(
        urls=(slapd.url,),
        base=BASE,
        names=NAMES,
        ca=slapd.ca,
        bind_dn=SEARCH_DN,
        password_file=slapd.password_file,
        group_attribute="memberOf",
        group_base=f"ou=groups,{BASE}",
    )
    return replace(own, **more)  # type: ignore[arg-type]


def found(wire: LdapWire, name: str) -> Entry:
    entry = wire.find(name)
    assert isinstance(entry, Entry)
    return entry


def test_given_somebody_when_they_are_looked_for_then_all_is_known_of_them(slapd: Slapd) -> None:
    wire = LdapWire(rules(slapd))

    ann = found(wire, "ann")

    assert (ann.dn, ann.person.username, ann.person.email) == (
        person("ann"),
        "ann",
        "ann@example.com",
    )
    assert sorted(ann.person.groups or ()) == ["ops", "staff"]
    assert len(ann.subject) == 36  # an entryUUID
    assert found(wire, "cy").person.groups == ()  # in the club of that name only
    assert wire.look_up([ann.subject, "gone"]) == {ann.subject: ann, "gone": None}


def test_given_groups_that_are_searched_for_then_they_are_the_same(slapd: Slapd) -> None:
    wire = LdapWire(rules(slapd, group_attribute=None, group_filter="(member={dn})"))

    assert sorted(found(wire, "ann").person.groups or ()) == ["ops", "staff"]


@pytest.mark.parametrize(
    "name", ["*", "a*", "ann)(uid=*", "nobody", "\0", "ann)(|(objectClass=*", "x" * 100_000]
)
def test_given_what_is_nobodys_name_then_nobody_is_found(slapd: Slapd, name: str) -> None:
    assert LdapWire(rules(slapd)).find(name) is None


def test_given_more_than_one_of_a_name_then_nobody_is_found(slapd: Slapd) -> None:
    assert LdapWire(rules(slapd, user_filter="(|(uid={username})(uid=ben))")).find("ann") is None


@pytest.mark.parametrize("password", ["wrong", "", "\0", "x" * 100_000, "\N{SOFT HYPHEN}"])
def test_given_another_password_then_nothing_is_proved(slapd: Slapd, password: str) -> None:
    """The server lets in whoever sends none: a bind that says nothing."""
    wire = LdapWire(rules(slapd))

    assert wire.proves(person("ann"), PASSWORD)
    assert not wire.proves(person("ann"), password)
    assert not wire.proves("", PASSWORD)


def test_given_signs_in_a_name_then_it_is_that_persons(slapd: Slapd) -> None:
    dn = slapd.add_person("odd", rdn="cn=" + escape_rdn('O, "dd" + <x>\\=#'))
    wire = LdapWire(rules(slapd, group_attribute=None, group_filter="(member={dn})"))
    slapd.add(group("odd"), "groupOfNames", member=[dn])

    odd = found(wire, "odd")

    assert odd.person.groups == ("odd",)
    assert wire.proves(odd.dn, PASSWORD)


def test_given_start_tls_then_it_is_asked_over_it(slapd: Slapd) -> None:
    wire = LdapWire(rules(slapd, urls=(slapd.start_tls_url,)))

    assert wire.proves(found(wire, "ann").dn, PASSWORD)


def test_given_a_subject_that_is_the_name_then_it_is_found_by_it(slapd: Slapd) -> None:
    wire = LdapWire(rules(slapd, subject="dn"))
    gone = person("gone")

    said = wire.look_up([person("ann"), gone])

    assert isinstance(said[person("ann")], Entry)
    assert said[gone] is None


@pytest.mark.parametrize("scheme", ["ldaps", "ldap"])
def test_given_another_authority_or_name_then_nothing_is_sent(
    slapd: Slapd, tmp_path: Path, scheme: str
) -> None:
    write_certificate(tmp_path, "another")
    url = slapd.url if scheme == "ldaps" else slapd.start_tls_url
    other_ca = rules(slapd, urls=(url,), ca=tmp_path / "cert.pem")
    other_name = rules(slapd, urls=(url.replace("127.0.0.1", "127.0.0.2"),))

    for wrong in (other_ca, other_name):
        with pytest.raises(ProviderUnavailable):
            LdapWire(wrong).find("ann")
        with pytest.raises(ProviderUnavailable):
            LdapWire(wrong).proves(person("ann"), PASSWORD)


def test_given_a_server_that_is_down_then_the_next_one_is_asked(slapd: Slapd) -> None:
    dead = f"ldaps://127.0.0.1:{free_port()}"

    assert found(LdapWire(rules(slapd, urls=(dead, slapd.url))), "ann").dn == person("ann")
    with pytest.raises(ProviderUnavailable):
        LdapWire(rules(slapd, urls=(dead,))).find("ann")


def test_given_what_the_directory_refuses_us_then_it_is_no_answer(
    slapd: Slapd, tmp_path: Path
) -> None:
    (tmp_path / "wrong").write_text("wrong\n")
    (tmp_path / "empty").write_text("\n")

    for name in ("wrong", "empty", "missing"):
        with pytest.raises(ProviderUnavailable):
            LdapWire(rules(slapd, password_file=tmp_path / name)).find("ann")
    with pytest.raises(ProviderUnavailable):
        LdapWire(rules(slapd, base="dc=elsewhere")).find("ann")


def test_given_the_password_of_who_looks_up_when_it_changes_then_the_next_look_has_it(
    slapd: Slapd, tmp_path: Path
) -> None:
    file = tmp_path / "password"
    file.write_text("old")
    wire = LdapWire(rules(slapd, password_file=file))
    with pytest.raises(ProviderUnavailable):
        wire.find("ann")

    file.write_text(slapd.password_file.read_text())

    assert found(wire, "ann").dn == person("ann")
