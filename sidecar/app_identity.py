"""The identity providers of the settings, put together: the one place that loads what that needs.

Where the settings name none, nothing of it is loaded, and no request of anybody knows of it.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sidecar.core.directory import Directory
from sidecar.core.policy import Policy
from sidecar.core.ports import Clock, SessionMetrics, Sessions, Throttle
from sidecar.front.patience import Patience
from sidecar.front.provider_room import CookieKeys, ProviderRoom
from sidecar.login.directories import Directories
from sidecar.login.entering import Entering
from sidecar.login.provider import Provider
from sidecar.login.provider_steps import ProviderSteps
from sidecar.process import StartRefused
from sidecar.settings import Settings
from sidecar.settings_identity import OidcSettings
from sidecar.settings_ldap import LdapSettings
from sidecar.store.background import end
from sidecar.store.database import Database
from sidecar.store.lease import Lease
from sidecar.store.provider_book import StoredProviders

if TYPE_CHECKING:
    from sidecar.login.ldap import LdapDirectory
    from sidecar.login.oidc import OidcProvider


@dataclass(frozen=True, slots=True)
class IdentityParts:
    """What signing in by a provider needs of the rest."""

    directory: Directory
    throttle: Throttle
    sessions: Sessions
    clock: Clock
    keys: CookieKeys
    database: Database
    policy: Callable[[], Policy]
    metrics: SessionMetrics


@dataclass(frozen=True, slots=True)
class Identity:
    """room: the providers that browsers are sent to. directories: that prove passwords. None of
    either: the settings name none."""

    room: ProviderRoom | None = None
    directories: Directories | None = None


def identity_of(settings: Settings, parts: IdentityParts, stack: AsyncExitStack) -> Identity:
    """Return the providers. stack: ends what they do beside requests, and their connections."""
    if not settings.identity:
        return Identity()
    book = StoredProviders(parts.database, parts.policy, parts.metrics)
    providers: dict[str, Provider] = {}
    directories: list[LdapDirectory] = []
    for name, own in settings.identity.items():
        if isinstance(own, LdapSettings):
            directory = _ldap(name, own)
            stack.push_async_callback(directory.close)
            _keep_checking(directory, own, parts, book, stack)
            directories.append(directory)
        else:
            provider = _oidc(name, own, f"{settings.public_url}{settings.mount}", parts.clock)
            stack.push_async_callback(provider.close)
            providers[name] = provider
    entering = Entering(parts.sessions)
    steps = ProviderSteps(parts.directory, parts.throttle, book, entering, parts.clock)
    patience = Patience(time.monotonic)
    return Identity(
        ProviderRoom(providers, steps, book, parts.keys, patience) if providers else None,
        Directories(directories, book, parts.throttle, steps, parts.clock) if directories else None,
    )


def check_identity(settings: Settings) -> None:
    """Raises StartRefused if a provider needs a package that is not installed."""
    for name, own in settings.identity.items():
        if isinstance(own, LdapSettings):
            _ldap(name, own)


def _ldap(name: str, own: LdapSettings) -> "LdapDirectory":
    try:
        from sidecar.login.ldap import LdapDirectory, LdapOffer
        from sidecar.login.ldap_wire import LdapRules
    except ImportError:
        raise StartRefused(
            f"[identity.{name}] needs the package ldap3: pip install 'session-sidecar[ldap]'"
        ) from None
    from sidecar.login.claims import ClaimNames

    groups = "groups" if own.says_groups else None
    rules = LdapRules(
        urls=own.urls,
        base=own.base,
        names=ClaimNames("username", "mail", "name", groups, own.roles.by_role()),
        start_tls=own.start_tls,
        ca=own.ca,
        bind_dn=own.bind_dn,
        password_file=own.bind_password_file,
        user_filter=own.user_filter,
        subject=own.subject_attribute,
        username=own.username_attribute,
        email=own.email_attribute,
        display_name=own.name_attribute,
        group_attribute=own.group_attribute,
        group_filter=own.group_filter,
        group_base=own.group_base,
        group_name=own.group_name_attribute,
        timeout=own.timeout.total_seconds(),
    )
    offer = LdapOffer(name, own.default, own.create_users, own.link_existing, own.required_groups)
    return LdapDirectory(offer, rules, own.connections)


def _keep_checking(
    directory: "LdapDirectory",
    own: LdapSettings,
    parts: IdentityParts,
    book: StoredProviders,
    stack: AsyncExitStack,
) -> None:
    """Ask it, one replica at a time, about those who are signed in."""
    from sidecar.login.directory_check import DirectoryCheck

    lease = Lease(parts.database, f"directory-{directory.name}", 3 * own.check_every)
    check = DirectoryCheck(directory, book, parts.policy, parts.clock, lease.hold)
    task = asyncio.create_task(check.keep(own.check_every.total_seconds()))
    stack.push_async_callback(end, task)


def _oidc(name: str, own: OidcSettings, here: str, clock: Clock) -> "OidcProvider":
    """here: the address of the mount, as browsers know it."""
    from sidecar.login.claims import ClaimNames
    from sidecar.login.oidc import Offer, OidcClient, OidcProvider
    from sidecar.login.provider_http import ProviderHttp

    client = OidcClient(
        issuer=own.issuer,
        client_id=own.client_id,
        redirect=f"{here}/login/{name}/callback",
        signed_out=f"{here}/logout",
        names=ClaimNames(
            own.username_claim,
            own.email_claim,
            own.name_claim,
            own.groups_claim,
            own.roles.by_role(),
        ),
        secret_file=own.client_secret_file,
        scopes=own.scopes,
        algorithms=own.algorithms,
        max_age=own.max_age,
        userinfo=own.userinfo,
        require_logout_type=own.require_logout_type,
        sign_out_there=own.sign_out_there,
    )
    offer = Offer(
        name=name,
        label=own.label or name,
        default=own.default or own.auto,
        auto=own.auto,
        create_users=own.create_users,
        link_existing=own.link_existing,
        required_groups=own.required_groups,
    )
    return OidcProvider(offer, client, ProviderHttp(own.timeout.total_seconds(), own.ca), clock)
