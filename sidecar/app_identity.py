"""The identity providers of the settings, put together: the one place that loads what that needs.

Where the settings name none, nothing of it is loaded, and no request of anybody knows of it.
"""

import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sidecar.core.directory import Directory
from sidecar.core.ports import Clock, Sessions, Throttle
from sidecar.core.provided import ProviderBook
from sidecar.front.patience import Patience
from sidecar.front.provider_room import CookieKeys, ProviderRoom
from sidecar.login.entering import Entering
from sidecar.login.provider import Provider
from sidecar.login.provider_steps import ProviderSteps
from sidecar.settings import Settings
from sidecar.settings_identity import OidcSettings

if TYPE_CHECKING:
    from sidecar.login.oidc import OidcProvider


@dataclass(frozen=True, slots=True)
class IdentityParts:
    """What signing in by a provider needs of the rest."""

    directory: Directory
    throttle: Throttle
    sessions: Sessions
    clock: Clock
    book: ProviderBook
    keys: CookieKeys


def providers_of(
    settings: Settings, parts: IdentityParts, stack: AsyncExitStack
) -> ProviderRoom | None:
    """Return the providers, or None where there are none. stack: closes their connections."""
    providers: dict[str, Provider] = {}
    for name, own in settings.identity.items():
        provider = _oidc(name, own, f"{settings.public_url}{settings.mount}", parts.clock)
        stack.push_async_callback(provider.close)
        providers[name] = provider
    if not providers:
        return None
    steps = ProviderSteps(
        parts.directory, parts.throttle, parts.book, Entering(parts.sessions), parts.clock
    )
    return ProviderRoom(providers, steps, parts.book, parts.keys, Patience(time.monotonic))


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
