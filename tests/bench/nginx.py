"""nginx twice: as the upstream that serves the pages, and as the proxy to be measured against.

The proxy is the floor to approach, so it gets the settings that a careful administrator gives it
and nothing that the sidecar does: one worker, kept-alive connections to the upstream, HTTP/1.1,
Host and X-Forwarded-*, no authentication, no access log, uploads passed on as they arrive, nothing
put into files. Buffer sizes are nginx's own defaults; `large_buffers` shows what tuning gives.
"""

import grp
import os
from pathlib import Path
from string import Template

from tests.bench.children import Child, accepts, start, until_ready

SMALL, MEDIUM, LARGE = 100, 64 * 1024, 10 * 1024 * 1024

_COMMON = Template("""\
${user}worker_processes 1;
daemon off;
pid $folder/nginx.pid;
error_log stderr warn;
events { worker_connections 4096; }
http {
    access_log off;
    default_type application/octet-stream;
    types { text/html html; }
    sendfile on;
    tcp_nopush on;
    keepalive_requests 1000000000;
    keepalive_timeout 1h;
    client_max_body_size 0;
    client_body_temp_path $folder/body;
    proxy_temp_path $folder/proxy;
    fastcgi_temp_path $folder/fastcgi;
    scgi_temp_path $folder/scgi;
    uwsgi_temp_path $folder/uwsgi;
$rest}
""")

_PAGES = Template("""\
    server {
        listen 127.0.0.1:$port backlog=1024;
        root $folder/www;
        location = /small.html { default_type text/html; return 200 "$small"; }
        open_file_cache max=16 inactive=1h;
        open_file_cache_valid 1h;
    }
""")

_PROXY = Template("""\
    upstream application {
        server $upstream;
        keepalive 64;
        keepalive_requests 1000000000;
    }
    server {
        listen 127.0.0.1:$port backlog=1024;
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_set_header Host $$http_host;
        proxy_set_header X-Forwarded-For $$proxy_add_x_forwarded_for;
        proxy_set_header X-Forwarded-Host $$http_host;
        proxy_set_header X-Forwarded-Proto $$scheme;
        proxy_request_buffering off;
        proxy_max_temp_file_size 0;
$buffers        location / { proxy_pass http://application; }
    }
""")

_LARGE_BUFFERS = """\
        client_body_buffer_size 256k;
        proxy_buffer_size 64k;
        proxy_buffers 16 64k;
        proxy_busy_buffers_size 256k;
"""


def pages_config(port: int, folder: Path) -> str:
    """Return the configuration of the upstream that serves the pages."""
    rest = _PAGES.substitute(port=port, folder=folder, small=small_page())
    return _COMMON.substitute(user=_user(), folder=folder, rest=rest)


def proxy_config(port: int, upstream: str, folder: Path, large_buffers: bool) -> str:
    """Return the configuration of the proxy. upstream: an http:// address."""
    rest = _PROXY.substitute(
        port=port,
        upstream=upstream.removeprefix("http://"),
        buffers=_LARGE_BUFFERS if large_buffers else "",
    )
    return _COMMON.substitute(user=_user(), folder=folder, rest=rest)


def _user() -> str:
    """Return the line without which a worker of root's nginx could not read our private folder."""
    return f"user root {grp.getgrgid(os.getgid()).gr_name};\n" if os.getuid() == 0 else ""


def small_page() -> str:
    """Return an HTML page of exactly SMALL bytes."""
    start_of_it, end_of_it = "<!doctype html><title>Small</title><p>", "</p>"
    return start_of_it.ljust(SMALL - len(end_of_it), ".") + end_of_it


def start_pages(port: int, core: int, program: str, folder: Path) -> Child:
    """Start the upstream that serves `/small.html`, `/medium.bin` and `/large.bin`."""
    home = folder / "pages"
    www = home / "www"
    www.mkdir(parents=True)
    (www / "medium.bin").write_bytes(b"m" * MEDIUM)
    (www / "large.bin").write_bytes(b"l" * LARGE)
    return _start("pages", pages_config(port, home), core, program, home)


def start_proxy(
    name: str, port: int, upstream: str, core: int, program: str, folder: Path, large_buffers: bool
) -> Child:
    """Start the proxy and wait until it listens."""
    home = folder / name
    home.mkdir()
    child = _start(name, proxy_config(port, upstream, home, large_buffers), core, program, home)
    until_ready(child, lambda: accepts(port))
    return child


def _start(name: str, config: str, core: int, program: str, home: Path) -> Child:
    path = home / "nginx.conf"
    path.write_text(config, encoding="utf-8")
    return start(name, [program, "-p", str(home), "-c", str(path), "-e", "stderr"], core, home)
