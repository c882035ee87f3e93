"""The calls to a directory, in whichever thread they are made: look up, and prove a password.

One server after the other is tried until one answers. No referral is followed, no connection is
used before it is encrypted to a server of the right name, and no password is sent that is empty:
that would be a bind without one, which succeeds for everybody (RFC 4513, section 5.1.2).
"""

import logging
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ldap3 import BASE, NONE, SIMPLE, SUBTREE, SYNC, Connection, Server, Tls
from ldap3.core.exceptions import LDAPException

from sidecar.login.claims import ClaimNames, person_of
from sidecar.login.ldap_names import (
    BY_DN,
    anybody,
    assertion_of,
    filled,
    group_names,
    subject_of,
)
from sidecar.login.provider import Entry, NotProven, ProviderUnavailable

log = logging.getLogger(__name__)

_DONE, _TOO_MANY, _NO_SUCH = 0, 4, 32
_NO_ANSWER = frozenset({1, 2, 3, 7, 8, 11, 13, 51, 52, 54, 80})
"""Results that say nothing of the password: errors, limits, busy, unavailable."""


@dataclass(frozen=True, slots=True)
class LdapRules:
    """As the settings say. names: with the roles of groups; its claims are those of `_claims`."""

    urls: tuple[str, ...]
    base: str
    names: ClaimNames
    start_tls: bool = True
    ca: Path | None = None
    bind_dn: str | None = None
    password_file: Path | None = None
    user_filter: str = "(uid={username})"
    subject: str = "entryUUID"
    username: str = "uid"
    email: str = "mail"
    display_name: str = "cn"
    group_attribute: str | None = None
    group_filter: str | None = None
    group_base: str | None = None
    group_name: str = "cn"
    timeout: float = 5.0


class _CheckedTls(Tls):  # type: ignore[misc]  # the library has no types
    """Checks the server's name by what checks its certificate, addresses too."""

    def __init__(self, context: ssl.SSLContext) -> None:
        super().__init__(validate=ssl.CERT_REQUIRED)
        self._context = context

    def wrap_socket(self, connection: Any, **_: Any) -> None:
        connection.socket = self._context.wrap_socket(
            connection.socket, server_hostname=connection.server.host
        )


class LdapWire:
    """Every method blocks, and raises ProviderUnavailable."""

    def __init__(self, rules: LdapRules) -> None:
        self._rules = rules
        wanted = {rules.username, rules.email, rules.display_name, rules.group_attribute}
        if rules.subject != BY_DN:
            wanted.add(rules.subject)
        self._attributes = sorted(name for name in wanted if name)

    def find(self, username: str) -> Entry | NotProven | None:
        """Return who has that name; None if nobody, or more than one."""
        with self._looking() as connection:
            wanted = filled(self._rules.user_filter, username=username)
            return self._one(connection, self._rules.base, wanted, SUBTREE)

    def look_up(self, subjects: Sequence[str]) -> dict[str, Entry | NotProven | None]:
        """Return what is said now of those accounts; None of one that is gone or may not in."""
        with self._looking() as connection:
            return {subject: self._again(connection, subject) for subject in subjects}

    def proves(self, dn: str, password: str) -> bool:
        """Say whether this is the password of whoever has that name."""
        if not dn or not password:
            return False
        with self._open(dn, password) as connection:
            connection.bind(read_server_info=False)
            code = connection.result["result"]
        if code in _NO_ANSWER:
            raise ProviderUnavailable(f"bind: {connection.result['description']}")
        return bool(code == _DONE)

    def _again(self, connection: Connection, subject: str) -> Entry | NotProven | None:
        rules = self._rules
        wanted = anybody(rules.user_filter)
        if rules.subject == BY_DN:
            return self._one(connection, subject, wanted, BASE)
        wanted = f"(&({rules.subject}={assertion_of(subject)}){wanted})"
        return self._one(connection, rules.base, wanted, SUBTREE)

    def _one(
        self, connection: Connection, base: str, wanted: str, scope: str
    ) -> Entry | NotProven | None:
        found = self._search(connection, base, wanted, scope, self._attributes, most=2)
        if len(found) != 1:
            return None
        item = found[0]
        dn, raw = item["dn"], _lowered(item["raw_attributes"])
        subject = dn if self._rules.subject == BY_DN else ""
        if not subject:
            values = raw.get(self._rules.subject.lower()) or [b""]
            if not values[0]:
                return NotProven("subject_missing")
            subject = subject_of(values[0])
        claims = self._claims(raw)
        if self._rules.names.groups is not None:
            claims["groups"] = self._groups(connection, dn, str(claims.get("username", "")), raw)
        person = person_of(claims, self._rules.names)
        return person if isinstance(person, NotProven) else Entry(dn, subject, person)

    def _claims(self, raw: dict[str, list[bytes]]) -> dict[str, Any]:
        rules = self._rules
        names = {"username": rules.username, "mail": rules.email, "name": rules.display_name}
        return {
            claim: raw[attribute.lower()][0].decode("utf-8", "replace")
            for claim, attribute in names.items()
            if raw.get(attribute.lower())
        }

    def _groups(
        self, connection: Connection, dn: str, username: str, raw: dict[str, list[bytes]]
    ) -> list[str]:
        rules, found = self._rules, []
        base = rules.group_base or rules.base
        if rules.group_attribute is not None:
            said = raw.get(rules.group_attribute.lower(), [])
            found += group_names((name.decode("utf-8", "replace") for name in said), base)
        if rules.group_filter is not None:
            wanted = filled(rules.group_filter, dn=dn, username=username)
            for item in self._search(connection, base, wanted, SUBTREE, [rules.group_name]):
                named = _lowered(item["raw_attributes"]).get(rules.group_name.lower(), [])
                found += [name.decode("utf-8", "replace") for name in named]
        return found

    def _search(
        self,
        connection: Connection,
        base: str,
        wanted: str,
        scope: str,
        attributes: list[str],
        most: int = 0,
    ) -> list[dict[str, Any]]:
        try:
            connection.search(
                base, wanted, scope, attributes=attributes, size_limit=most, time_limit=0
            )
        except LDAPException as fault:
            raise ProviderUnavailable(f"search: {fault}") from fault
        code = connection.result["result"]
        if code == _NO_SUCH and scope == BASE:
            return []
        if code not in (_DONE, _TOO_MANY) or (code == _TOO_MANY and not most):
            raise ProviderUnavailable(f"search: {connection.result['description']}")
        return [item for item in connection.response if item["type"] == "searchResEntry"]

    @contextmanager
    def _looking(self) -> Iterator[Connection]:
        """Yield a connection of whoever looks people up."""
        rules, password = self._rules, None
        if rules.password_file is not None:
            try:
                password = rules.password_file.read_text("utf-8").removesuffix("\n")
            except (OSError, UnicodeDecodeError) as fault:
                raise ProviderUnavailable("bind_password_file cannot be read") from fault
            if not password:
                raise ProviderUnavailable("bind_password_file is empty")
        with self._open(rules.bind_dn, password) as connection:
            if not connection.bind(read_server_info=False):
                raise ProviderUnavailable(f"bind_dn: {connection.result['description']}")
            yield connection

    @contextmanager
    def _open(self, dn: str | None, password: str | None) -> Iterator[Connection]:
        """Yield a connection that is encrypted and not bound yet."""
        connection = self._connect(dn, password)
        try:
            yield connection
        except (LDAPException, OSError) as fault:
            raise ProviderUnavailable(type(fault).__name__) from fault
        finally:
            try:
                connection.unbind()
            except (LDAPException, OSError):
                log.debug("directory_unbind_failed")

    def _connect(self, dn: str | None, password: str | None) -> Connection:
        why: Exception | None = None
        for url in self._rules.urls:
            try:
                return self._try(url, dn, password)
            except (LDAPException, OSError) as fault:
                log.warning("directory_unreachable", extra={"url": url, "why": str(fault)[:200]})
                why = fault
        raise ProviderUnavailable("no server answered") from why

    def _try(self, url: str, dn: str | None, password: str | None) -> Connection:
        parts, rules = urlsplit(url), self._rules
        # As bytes it goes as it is: the library's SASLprep makes an empty one of invisible signs.
        secret = password.encode("utf-8", "surrogatepass") if password is not None else None
        tls = _CheckedTls(ssl.create_default_context(cafile=rules.ca))
        whole = parts.scheme == "ldaps"
        server = Server(
            parts.hostname,
            port=parts.port or (636 if whole else 389),
            use_ssl=whole,
            tls=tls,
            get_info=NONE,
            connect_timeout=rules.timeout,
        )
        connection = Connection(
            server,
            user=dn,
            password=secret,
            authentication=SIMPLE if dn is not None else None,
            client_strategy=SYNC,
            auto_referrals=False,
            check_names=False,
            read_only=True,
            receive_timeout=ceil(rules.timeout),
        )
        connection.open(read_server_info=False)
        if not whole and rules.start_tls:
            connection.start_tls(read_server_info=False)
        return connection


def _lowered(raw: Any) -> dict[str, list[bytes]]:
    """Names of attributes know no case."""
    return {str(name).lower(): list(values) for name, values in raw.items()}
