"""An application that knows nothing of sessions: one page, which loads the live script."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from tests.journeys.running import MOUNT

_PAGE = """<!doctype html>
<html lang="en">
<head>
{tags}<title>Desk</title>
</head>
<body>
<h1>Desk</h1>
<p><label>Note <textarea id="note"></textarea></label> <a href="{mount}/live.js">Elsewhere</a></p>
</body>
</html>
"""
_TAG = (
    '<script src="{mount}/live.js" async data-sidecar-mount="{mount}" data-reauth="{reauth}">'
    "</script>\n"
)
STRICT = (
    "default-src 'none'; script-src {own}/live.js; worker-src {own}/live-worker.js; "
    "connect-src {line}/live {own}/api/session {own}/login; base-uri 'none'; form-action 'none'; "
    "require-trusted-types-for 'script'; trusted-types session-sidecar"
)
"""All that the script needs, and nothing else."""


class _Page(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        reauth = query.get("reauth", ["redirect"])[0]
        tags = _TAG.format(mount=MOUNT, reauth=reauth) * int(query.get("tags", ["1"])[0])
        body = _PAGE.format(mount=MOUNT, tags=tags).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        if "strict" in query:
            host = self.headers["Host"]
            own, line = f"http://{host}{MOUNT}", f"ws://{host}{MOUNT}"
            self.send_header("Content-Security-Policy", STRICT.format(own=own, line=line))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Desk:
    """The application, in a thread."""

    def __init__(self) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Page)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
