"""Filters and paths as providers write them, and as nobody should."""

import pytest

from sidecar.clients.scim_paths import LONGEST, Equals, Named, Unreadable, read_filter, read_path


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('userName eq "maria@example.com"', Equals(Named("username"), "maria@example.com")),
        ('username EQ "maria"', Equals(Named("username"), "maria")),
        ('externalId eq "00u1"', Equals(Named("externalid"), "00u1")),
        ('emails eq "m@example.com"', Equals(Named("emails"), "m@example.com")),
        ('emails.value eq "m@example.com"', Equals(Named("emails", "value"), "m@example.com")),
        (
            'emails[type eq "work"].value eq "m@example.com"',
            Equals(Named("emails", "value"), "m@example.com"),
        ),
        (
            'urn:ietf:params:scim:schemas:core:2.0:User:userName eq "maria"',
            Equals(Named("username"), "maria"),
        ),
    ],
)
def test_given_a_filter_then_it_says_what_is_looked_for(text: str, expected: Equals) -> None:
    assert read_filter(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "userName",
        'userName sw "m"',
        "userName pr",
        'not (userName eq "m")',
        'userName eq "a" or userName eq "b"',
        'userName eq "unended',
        "userName eq",
        "(" * 400,
        'userName eq "' + "m" * LONGEST + '"',
    ],
    ids=lambda text: text[:24],
)
def test_given_another_filter_then_it_is_not_read(text: str) -> None:
    with pytest.raises(Unreadable):
        read_filter(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("active", Named("active")),
        ("name.givenName", Named("name", "givenname")),
        ('emails[type eq "work"].value', Named("emails", "value")),
        ("urn:ietf:params:scim:schemas:core:2.0:User:active", Named("active")),
    ],
)
def test_given_a_path_then_it_names_an_attribute(text: str, expected: Named) -> None:
    assert read_path(text) == expected


@pytest.mark.parametrize("text", ["", "[", 'a eq "b" and c', "members[", "a b"])
def test_given_no_path_then_it_is_not_read(text: str) -> None:
    with pytest.raises(Unreadable):
        read_path(text)
