"""How the session at a provider is kept beside one of ours: one JSON object; scripts read it too.

    p the provider's name, n issuer, u subject, s its session, t when it said so (epoch seconds), i
    the digests by which ours is found

It stands in a key of its own, so that no request ever reads it.
"""

import json
from datetime import UTC, datetime
from typing import Any

from sidecar.core.provided import Account, ProviderSession


def provider_fields(provider: ProviderSession) -> dict[str, Any]:
    """Return what the script that opens a session keeps of it."""
    return {
        "p": provider.provider,
        "n": provider.account.issuer,
        "u": provider.account.subject,
        "s": provider.idp_sid,
        "t": int(provider.issued_at.timestamp()),
        "i": provider.digests,
    }


def decode_provider(raw: bytes) -> ProviderSession:
    fields = json.loads(raw)
    return ProviderSession(
        provider=fields["p"],
        account=Account(fields["n"], fields["u"]),
        issued_at=datetime.fromtimestamp(fields["t"], UTC),
        idp_sid=fields["s"],
    )
