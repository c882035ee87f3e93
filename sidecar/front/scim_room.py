"""What the front needs of SCIM. None at all where the settings name no token."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sidecar.clients.scim_users import ScimUsers
from sidecar.front.patience import Patience


@dataclass(frozen=True, slots=True)
class ScimRoom:
    """hashes: SHA-256 of the tokens that are valid. patience: with those who have none."""

    hashes: Sequence[bytes] = field(repr=False)
    users: ScimUsers
    patience: Patience
