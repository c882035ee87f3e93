"""How a person is kept: one JSON object with short names, which the scripts read too.

    n name, c canonical name, r role, t created, d display name, e e-mail, g groups (one text,
    joined by line ends), p password hash, pn how often it was set anew, m must change it, b banned,
    br why, bu until, l last sign-in, kd devices that are theirs (see lua/devices.lua), x erased,
    pl accounts at providers: digest of the issuer to digest of the account,
    xi what the provider calls them that keeps them up to date,
    fa second factors by id: k kind, t created, l last used, s sealed secret, p newest time step,
    rc hashes of their recovery codes (one text, joined by line ends)

Absent names have their default. Names that a reader does not know stay: only fields are replaced.
"""

import json
from datetime import UTC, datetime
from hashlib import sha1
from typing import Any

from sidecar.core.ports import Known
from sidecar.core.provided import Account
from sidecar.core.users import Role, User, UserId, canonical_name
from sidecar.store.codec import dump, from_ms, split_groups, to_ms

_LATEST = to_ms(datetime.max.replace(tzinfo=UTC))
"""Scripts write numbers with 14 digits, so that an end close to the last instant becomes later."""


def encode_user(user: User, password_hash: str, account: Account | None = None) -> bytes:
    """Return a new person; created is the script's to fill in. account: theirs at a provider."""
    fields: dict[str, Any] = {
        "v": 1,
        "n": user.username,
        "c": canonical_name(user.username),
        "r": int(user.role),
        "t": 0,
        "d": user.display_name,
        "e": user.email,
        "g": "\n".join(user.groups),
        "p": password_hash,
        "m": 1 if user.must_change_password else "",
        "xi": user.external_id,
        "pl": {account.issuer_digest: account.digest} if account is not None else "",
    }
    return dump({name: value for name, value in fields.items() if value != ""})


def decode_user(user_id: UserId, raw: bytes) -> Known:
    """Return the person with the hash of their password."""
    fields: dict[str, Any] = json.loads(raw)
    until, last_login = fields.get("bu"), fields.get("l")
    user = User(
        id=user_id,
        username=fields["n"],
        role=Role(fields["r"]),
        created_at=from_ms(fields["t"]),
        display_name=fields.get("d", ""),
        email=fields.get("e", ""),
        groups=split_groups(fields.get("g", "")),
        banned=bool(fields.get("b")),
        ban_reason=fields.get("br", ""),
        banned_until=from_ms(min(until, _LATEST)) if until else None,
        last_login_at=from_ms(last_login) if last_login else None,
        must_change_password=bool(fields.get("m")),
        password_number=fields.get("pn", 0),
        external_id=fields.get("xi", ""),
        second_factor=bool(fields.get("fa")),
    )
    return Known(user, fields.get("p", ""))


def digest_of_mail(address: str) -> str:
    """Return what stands for an address, in whatever case its ASCII letters are; lua/acts.lua has
    the same."""
    return sha1(address.encode().lower(), usedforsecurity=False).hexdigest()


def digest_of_external(external_id: str) -> str:
    """Return what stands for a name that a provider gave; lua/acts.lua has the same."""
    return sha1(external_id.encode(), usedforsecurity=False).hexdigest()
