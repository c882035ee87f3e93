"""Applications that others wrote, each a process of its own, to put the sidecar in front of."""

import json
import os
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tests.ports import free_port

_PATIENCE = 30.0
ARCHIVE_ROWS = 3000
_METADATA = {
    "title": "Office notes",
    "databases": {
        "office": {
            "queries": {
                "pin_note": {
                    "title": "Pin a note",
                    # Datasette fills this in itself, from a field of the request.
                    "sql": "insert into notes (author, text)"
                    " values (:_header_x_forwarded_user, :text)",
                    "write": True,
                    "on_success_message": "The note is pinned",
                    "on_success_redirect": "/office/notes",
                }
            }
        }
    },
}


@contextmanager
def datasette(folder: Path) -> Iterator[int]:
    """Run Datasette on a database that takes notes and one that can be downloaded; yield its port.

    It has pages, JSON, static files, forms with its own cookie against forgery, and messages that
    it carries from one page to the next in a signed cookie.
    """
    with closing(sqlite3.connect(folder / "office.db")) as office, office:
        office.execute("create table notes (id integer primary key, author, text)")
    with closing(sqlite3.connect(folder / "archive.db")) as archive, archive:
        archive.execute("create table scans (id integer primary key, scan blob)")
        scans = [(number, os.urandom(1024)) for number in range(ARCHIVE_ROWS)]
        archive.executemany("insert into scans values (?, ?)", scans)
    (folder / "metadata.json").write_text(json.dumps(_METADATA))
    port = free_port()
    files = [str(folder / "office.db"), "--immutable", str(folder / "archive.db")]
    words = ["--metadata", str(folder / "metadata.json"), "--port", str(port)]
    with _running(["-m", "datasette", "serve", *files, *words], port):
        yield port


@contextmanager
def webdav(folder: Path) -> Iterator[int]:
    """Run WsgiDAV on a folder, open to everybody; yield its port."""
    port = free_port()
    words = ["--host", "127.0.0.1", "--port", str(port), "--root", str(folder)]
    with _running(["-m", "wsgidav.server.server_cli", *words, "--auth", "anonymous", "-q"], port):
        yield port


@contextmanager
def _running(words: list[str], port: int) -> Iterator[None]:
    process = subprocess.Popen(
        [sys.executable, *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
    )
    try:
        _wait_for(port, process)
        yield
    finally:
        process.terminate()
        process.wait(_PATIENCE)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _PATIENCE
    while True:
        assert process.poll() is None, f"the application ended with {process.returncode}"
        assert time.monotonic() < deadline, "the application did not start"
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            time.sleep(0.05)
        else:
            return
