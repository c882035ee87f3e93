"""Values that must never take a person off this origin (case S-82), written for this product.

Each entry of `HOSTS` stands for the attacker's host and each shape puts it where some parser has
once looked for an authority, a scheme, or a path that a later redirect would read as one.
"""

EVIL = "evil.example"

_AUTHORITIES = [
    "//{h}", "///{h}", "////{h}", "//{h}/%2f..", "//{h}:443", "//user@{h}", "//user:pw@{h}/",
    "//localhost:80@{h}", "//[::ffff:203.0.113.9]", "//203.0.113.9", "//3405803785", "//0xcb007109",
    "//{h}#@self", "//{h}?@self", "//{h}\\@self", "//self\\@{h}", "//%65vil.example", "//{h}.",
    "//xn--vil-jma.example", "//\u2025/{h}", "//\uff0f{h}", "//{h}\uff03", "//\u3002{h}",
]  # fmt: skip
_BACKSLASHES = [
    "/\\{h}", "\\/{h}", "\\\\{h}", "\\{h}", "/\\/{h}", "/\\\\{h}", "\\/\\/{h}", "//\\{h}",
    "/\\/\\{h}",
    "/\\\t{h}", "/a\\..\\..\\{h}", "/%5c{h}", "/%5C/{h}", "/%5c%5c{h}", "/%255c{h}", "/a%5c{h}",
    "\\\t\\{h}", "/\\user@{h}", "/\\{h}:80", "\\\\\\{h}", "%5c%5c{h}", "%5c/{h}",
]  # fmt: skip
_CONTROLS = [
    "/\t/{h}", "/\n/{h}", "/\r/{h}", "/\r\n/{h}", "\t//{h}", "\n//{h}", " //{h}", "\x00//{h}",
    "\x01/{h}",
    "/\x0b/{h}", "/\x0c/{h}", "/\x00/{h}", "/\x1f/{h}", "/\x7f/{h}", "/\t\\{h}", "/\t\t/{h}",
    "//\t{h}",
    "/%09/{h}", "/%0a/{h}", "/%0d/{h}", "/%0d%0a/{h}", "/%00/{h}", "/%0b/{h}", "/%7f/{h}",
    "/%2509/{h}",
    "/a\r\nLocation: //{h}", "/a%0d%0aSet-Cookie: x=1", "/a\r\n\r\n<script>", "/\x85/{h}",
    "/\u2028/{h}", "/\u2029/{h}", "/\ufeff/{h}", "\ufeff//{h}", "/ /{h}", "/\xa0/{h}",
    "/%c2%85/{h}",
    "/ok?x=\r\nLocation: //{h}", "/ok#\n//{h}", "/ok?\x00", "\x1b[31m//{h}", "/%1b[0m/{h}",
]  # fmt: skip
_ENCODED = [
    "/%2f{h}", "/%2F/{h}", "/%2f%2f{h}", "/%252f{h}", "/%252f%252f{h}", "/%25252f{h}", "%2f%2f{h}",
    "%2f/{h}", "/%2f%5c{h}", "/%5c%2f{h}", "/%20/{h}", "/%20%2f{h}", "/%zz/{h}", "/%", "/%2",
    "/%u002f{h}",
]  # fmt: skip
_CLIMBS = [
    "/..//{h}", "/.//{h}", "/a/..//{h}", "/a/../..//{h}", "/%2e%2e//{h}", "/%2e//{h}", "/.%2e//{h}",
    "/%2E%2e/%2f{h}", "/a/%2e%2e//{h}", "/a/%252e%252e//{h}", "/./\\{h}", "/..\\{h}", "/a/.. //{h}",
    "/../{h}", "/./", "/a/..", "/a/.", "..//{h}", ".//{h}", "./", "..", ".", "/ ..//{h}",
]  # fmt: skip
_SCHEMES = [
    "https://{h}", "http://{h}", "https:{h}", "https:/{h}", "https:\\{h}", "https:\\\\{h}",
    "HTTPS://{h}",
    "hTTp:{h}", "http:///{h}", "http:/\\{h}", "ht\ttps://{h}", "\thttps://{h}", " https://{h}",
    "https://self@{h}", "http://localhost:80@{h}", "https://self.{h}", "https://{h}/self",
    "javascript:alert(1)", "JavaScript:alert(1)", "java\tscript:alert(1)", " javascript:alert(1)",
    "\x01javascript:alert(1)", "javascript://{h}/%0aalert(1)", "javascript:/%0aalert(1)//",
    "vbscript:x",
    "data:text/html,<script>alert(1)</script>", "data:;base64,PHNjcmlwdD4=", "blob:https://{h}/1",
    "file:///etc/passwd", "ftp://{h}", "ws://{h}", "wss://{h}", "mailto:a@{h}", "tel:1",
    "about:blank",
    "view-source:https://{h}", "filesystem:https://{h}/x", "intent://{h}#Intent;end", "x:y",
    "://{h}",
    ":{h}", "https", "https:", "https:/", "https://", "http%3a//{h}", "https%3A%2F%2F{h}",
]  # fmt: skip
_RELATIVE = [
    "", "{h}", "{h}/", "www.{h}", "@{h}", "user@{h}", ";@{h}", "?//{h}", "#//{h}", "?next=//{h}",
    "a/b",
    "index.html", "~/x", "*", "<script>", "{{{{7*7}}}}", "\u202e//{h}", "\u200b//{h}",
    "\uff0f\uff0f{h}",
    "\u2215\u2215{h}", "\u29f8/{h}", "\u2044\u2044{h}", "[::1]", "127.0.0.1", "0",
]  # fmt: skip

_SHAPES = _AUTHORITIES + _BACKSLASHES + _CONTROLS + _ENCODED + _CLIMBS + _SCHEMES + _RELATIVE
HOSTILE = [shape.format(h=EVIL) for shape in _SHAPES] + ["/" + "a" * 4096, "/\ud800", "/\udcff/x"]

# Paths that look odd and are still on this origin: whatever becomes of them, they must stay here.
ODD_BUT_OURS = [
    shape.format(h=EVIL)
    for shape in (
        "/@{h}", "/user@{h}", "/;@{h}", "/:80@{h}", "/.{h}", "/https://{h}", "/https:/{h}",
        "/javascript:x",
        "/?//{h}", "/#//{h}", "/?next=https://{h}", "/a//{h}", "/\uff0f{h}", "/\u2044{h}",
        "/\u202e{h}",
        "/{h}", "/~{h}", "/*", "/<script>", "/{{{{7*7}}}}", '/"onload="', "/'", "/&amp;",
        "/[::1]", "/|",
    )
]  # fmt: skip
