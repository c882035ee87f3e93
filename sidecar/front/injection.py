"""Which requests get a script of ours into their page, and how the upstream is asked for it.

Asked only about requests of documents that somebody signed in makes; what that takes is worked out
for each, since the policy may change between two of them.
"""

import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING

from sidecar.core.document_answer import PageScript
from sidecar.core.document_request import asked_for
from sidecar.core.live_script import LiveScript
from sidecar.core.policy import Policy, Route
from sidecar.front.reading import Head, Reader

if TYPE_CHECKING:
    from sidecar.front.client_end import ClientEnd

_NONCE_BYTES = 18


class Injection:
    """Decides for one worker. policy: returns the one in force."""

    def __init__(
        self, reader: Reader, policy: Callable[[], Policy], mount: str, public_origin: str
    ) -> None:
        self._reader = reader
        self._policy = policy
        self._mount = mount
        self._public_origin = public_origin
        self._script = LiveScript(mount)

    def into(self, conn: "ClientEnd", head: Head, route: Route) -> tuple[bytes, PageScript] | None:
        """Return the fields for the upstream and what goes into the page, or None for nothing."""
        policy = self._policy()
        if not (policy.live_inject and route.inject):
            return None
        script = self._script
        if script.reauth != policy.live_reauth:
            script = self._script = LiveScript(self._mount, policy.live_reauth)
        raw, known = asked_for(head.request.raw, script.mark)
        block = self._reader.block_of(raw, head, tls=conn.tls)
        if block is None:
            return None
        origins = dict.fromkeys((self._reader.origin(head, tls=conn.tls), self._public_origin))
        return block, PageScript(script, tuple(origins), known, _new_nonce)


def _new_nonce() -> str:
    return secrets.token_urlsafe(_NONCE_BYTES)
