"""The settings of a directory that is asked by LDAP, and which kinds of provider there are."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Literal
from urllib.parse import urlsplit

from sidecar.settings_identity import (
    OidcSettings,
    OptionalText,
    RoleGroups,
    TextList,
    is_here,
)
from sidecar.settings_values import File
from sidecar.values import ByKind, Part, Reads, Span, Switch, Text, between, text


def _urls(value: object) -> tuple[str, ...]:
    items = [item.strip() for item in value.split(",")] if isinstance(value, str) else value
    if not isinstance(items, list) or not items:
        raise ValueError('must be a list of URLs such as ["ldaps://ldap.example.com"]')
    for item in items:
        parts = urlsplit(text(item))
        try:
            host, _ = parts.hostname, parts.port
        except ValueError:
            host = None
        known = parts.scheme in ("ldap", "ldaps") and parts.username is None
        if not known or not host or parts.path.strip("/") or parts.query or parts.fragment:
            raise ValueError('must hold URLs such as "ldaps://ldap.example.com", with no more')
    return tuple(items)


def _filter(value: object) -> str:
    written = text(value)
    if not (written.startswith("(") and written.endswith(")") and _is_closed(written)):
        raise ValueError("must be a filter in parentheses, such as (uid={username})")
    return written


def _is_closed(written: str) -> bool:
    depth = 0
    for character in written:
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth < 0:
            return False
    return depth == 0


def _user_filter(value: object) -> str:
    if "{username}" not in (written := _filter(value)):
        raise ValueError("must say where the name goes: (uid={username})")
    return written


def _group_filter(value: object) -> str | None:
    if value == "":
        return None
    written = _filter(value)
    if "{dn}" not in written and "{username}" not in written:
        raise ValueError("must say whose groups: (member={dn}) or (memberUid={username})")
    return written


Urls = Annotated[tuple[str, ...], Reads(_urls)]
UserFilter = Annotated[str, Reads(_user_filter)]
GroupFilter = Annotated[str | None, Reads(_group_filter)]
Connections = Annotated[int, between(1, 64)]


@dataclass(frozen=True, slots=True, kw_only=True)
class LdapSettings(Part):
    """A directory that people's passwords are proved by.

    urls: its servers, the next one if one does not answer. start_tls: without it, `ldap://` only to
    this machine. bind_dn, bind_password_file: who looks people up; the file is read each time.
    user_filter: who may sign in, once {username} is put in; also asked again while they are signed
    in. subject_attribute: what an account stays the same by; "dn" if there is nothing better.
    group_attribute: of a person, with the names of their groups; group_filter: finds them below
    group_base. required_groups, roles, create_users, link_existing: as of any provider. default:
    the one to ask if several know the name. check_every: how often it is asked whether those who
    are signed in still may be. connections: at once, of each worker. timeout: of each step.
    """

    kind: Literal["ldap"]
    urls: Urls
    base: Text
    start_tls: Switch = True
    ca: File = None
    bind_dn: OptionalText = None
    bind_password_file: File = None
    user_filter: UserFilter = "(uid={username})"
    subject_attribute: Text = "entryUUID"
    username_attribute: Text = "uid"
    email_attribute: Text = "mail"
    name_attribute: Text = "cn"
    group_attribute: OptionalText = None
    group_filter: GroupFilter = None
    group_base: OptionalText = None
    group_name_attribute: Text = "cn"
    required_groups: TextList = ()
    roles: RoleGroups = RoleGroups()
    create_users: Switch = True
    link_existing: Switch = False
    default: Switch = False
    check_every: Span = timedelta(minutes=1)
    connections: Connections = 4
    timeout: Span = timedelta(seconds=5)

    @property
    def says_groups(self) -> bool:
        return self.group_attribute is not None or self.group_filter is not None

    def contradictions(self) -> Iterator[tuple[str, str]]:
        """Find what is wrong between values: the key to correct, and the problem."""
        for url in self.urls:
            parts = urlsplit(url)
            if parts.scheme == "ldap" and not self.start_tls and not is_here(parts.hostname or ""):
                yield "start_tls", f"must be true: {url} is not this machine"
        if self.bind_dn is not None and self.bind_password_file is None:
            yield "bind_password_file", "is missing: nobody is bound to without a password"
        if self.bind_dn is None and self.bind_password_file is not None:
            yield "bind_dn", "is missing: whose password it is"
        if not self.says_groups and (self.required_groups or self.roles.by_role()):
            problem = "or group_filter is missing: it says who is in required_groups and in roles"
            yield "group_attribute", problem


ProviderSettings = Annotated[OidcSettings | LdapSettings, ByKind("kind")]
