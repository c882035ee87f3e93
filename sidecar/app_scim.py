"""SCIM, put together, where the settings name its tokens."""

import time
from hashlib import sha256

from sidecar.clients.scim_users import ScimUsers
from sidecar.core.directory import Directory
from sidecar.front.patience import Patience
from sidecar.front.scim_room import ScimRoom
from sidecar.scim_tokens import tokens_of
from sidecar.settings import Settings


def scim_of(settings: Settings, directory: Directory) -> ScimRoom | None:
    """Return what answers SCIM, or None where no token is named. Raises ValueError for a file that
    has become unusable since the settings were read."""
    if settings.scim.token_file is None:
        return None
    hashes = [sha256(token.encode()).digest() for token in tokens_of(settings.scim.token_file)]
    here = f"{settings.public_url}{settings.mount}/scim/v2"
    return ScimRoom(hashes, ScimUsers(directory, here), Patience(time.monotonic))
