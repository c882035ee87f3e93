"""The settings of one identity provider: a table `[identity.NAME]`, as many as there are providers.

NAME stands in addresses that are registered with the provider, and in the audit log. How each value
is read is here too: nothing else of the settings looks like it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import timedelta
from ipaddress import ip_address
from typing import Annotated, Literal
from urllib.parse import urlsplit

from sidecar.core.users import Role
from sidecar.settings_values import File
from sidecar.values import Part, Reads, Span, Switch, Text, optional, span, text

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?")
_ALGORITHMS = frozenset("RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA".split())
"""Those with a public key. Any other could be made by whoever knows what is public."""


def _name(value: object) -> str:
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise ValueError('must be a name such as "corp": a-z, 0-9 and -, at most 32 of them')
    return value


def _issuer(value: object) -> str:
    """Refuse what no answer could be compared with, and http but on this machine."""
    url = text(value)
    parts = urlsplit(url)
    try:
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host = ""
    usable = parts.scheme == "https" or (parts.scheme == "http" and is_here(host))
    bare = not parts.query and not parts.fragment and parts.username is None and url.isascii()
    if not host or not usable or not bare or any(character <= " " for character in url):
        raise ValueError('must be the URL of an issuer, such as "https://login.example.com"')
    return url


def is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def texts(value: object) -> tuple[str, ...]:
    items = [item.strip() for item in value.split(",")] if isinstance(value, str) else value
    if not isinstance(items, list):
        raise ValueError('must be a list of texts such as ["one", "two"]')
    found = [text(item) for item in items if item != ""]
    if any("," in item or not item.isprintable() for item in found):
        raise ValueError("must hold texts without commas and line ends")
    return tuple(found)


def _algorithms(value: object) -> tuple[str, ...]:
    found = texts(value)
    if not found or not _ALGORITHMS.issuperset(found):
        raise ValueError(f"must hold some of {', '.join(sorted(_ALGORITHMS))}")
    return found


def _age(value: object) -> timedelta | None:
    return None if value == "" else span(value, least=timedelta(seconds=1))


ProviderName = Annotated[str, Reads(_name)]
Issuer = Annotated[str, Reads(_issuer)]
TextList = Annotated[tuple[str, ...], Reads(texts)]
Algorithms = Annotated[tuple[str, ...], Reads(_algorithms)]
OptionalText = Annotated[str | None, optional(text)]
Age = Annotated[timedelta | None, Reads(_age)]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleGroups(Part):
    """Which groups of the provider have which role here; the highest one counts. Without any, a
    provider changes no roles."""

    viewer: TextList = ()
    admin: TextList = ()
    owner: TextList = ()

    def by_role(self) -> dict[Role, tuple[str, ...]]:
        """Return the groups of each role that has any."""
        every = {Role.parse(one.name): getattr(self, one.name) for one in fields(self)}
        return {role: groups for role, groups in every.items() if groups}


@dataclass(frozen=True, slots=True, kw_only=True)
class OidcSettings(Part):
    """A provider of OpenID Connect.

    client_secret_file: none for a client without a secret. *_claim: which of its claims is what
    here. groups_claim: none, groups are given here and the provider changes none; else it says all
    of them, at each sign-in. required_groups: of one of these one has to be. create_users: people
    who sign in for the first time are added; else they must have been, under that name.
    link_existing: somebody of that name who was added here is taken for them. max_age: how long ago
    they may have proved who they are. userinfo: claims are also asked for with the access token.
    require_logout_type: a logout token has to say in its head that it is one. sign_out_there: who
    signs out here is sent on to do so there. default: stands first on the sign-in page; auto: that
    page goes there by itself. ca: the authorities to trust instead of the system's. timeout: of
    each call.
    """

    kind: Literal["oidc"]
    issuer: Issuer
    client_id: Text
    client_secret_file: File = None
    label: OptionalText = None
    scopes: TextList = ("openid", "profile", "email")
    username_claim: Text = "preferred_username"
    email_claim: Text = "email"
    name_claim: Text = "name"
    groups_claim: OptionalText = None
    required_groups: TextList = ()
    roles: RoleGroups = RoleGroups()
    create_users: Switch = True
    link_existing: Switch = False
    max_age: Age = None
    userinfo: Switch = True
    algorithms: Algorithms = ("RS256", "PS256", "ES256")
    require_logout_type: Switch = False
    sign_out_there: Switch = False
    default: Switch = False
    auto: Switch = False
    ca: File = None
    timeout: Span = timedelta(seconds=5)

    def contradictions(self) -> Iterator[tuple[str, str]]:
        """Find what is wrong between values: the key to correct, and the problem."""
        if self.groups_claim is None and (self.required_groups or self.roles.by_role()):
            yield "groups_claim", "is missing: it says who is in required_groups and in roles"
