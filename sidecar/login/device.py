"""What a User-Agent says about the device, for the person who looks at a list of sessions.

Read once, when a session opens, never per request, and in a thread: a new string takes the parser
half a millisecond, a hostile one of 512 characters ten, and the first one the third of a second in
which the parser is loaded. It is a label, and no decision looks at it.
"""

import re
from collections.abc import Sequence

from sidecar.core.policy import DeviceRule
from sidecar.core.session import Device, Kind
from sidecar.core.user_agent import INSTANT, LONGEST
from sidecar.login.client_hints import NO_HINTS, ClientHints
from sidecar.login.desktop_shell import shell_of

LONGEST_NAME = 48
_PROGRAM = "desktop_app"
_UNKNOWN = Device()
_TOOL = re.compile(r"([A-Za-z][\w.-]{1,39})/[\w.+-]+")
_PLAIN_OS = {"Mac OS X": "macOS", "Chrome OS": "ChromeOS", "Ubuntu": "Linux", "Fedora": "Linux"}


def device_of(
    user_agent: str,
    rules: Sequence[DeviceRule] = (),
    hints: ClientHints = NO_HINTS,
    program: str = "",
) -> Device:
    """Return what to call the device. user_agent: cleaned. The first rule that matches names it.

    program: what the policy calls a desktop program, whatever it calls itself.
    """
    if not user_agent:
        return _UNKNOWN
    # The import compiles a thousand patterns: 0.3 s and 3 MB that only signing in is worth.
    from user_agents import parse

    found = parse(user_agent[:LONGEST])
    browser = hints.browser or _known(found.browser.family)
    system = hints.system or _PLAIN_OS.get(found.os.family) or _known(found.os.family)
    shell = shell_of(user_agent, hints)
    for rule in rules:
        if _matches(rule.pattern, user_agent):
            is_program = shell is not None and rule.type == "desktop"
            return Device(rule.label, browser, system, _PROGRAM if is_program else rule.type)
    if shell is not None:
        name = program or shell or "Desktop app"
        return Device(_label(name, system), name, system, _PROGRAM)
    if not browser and not system:
        return Device(_tool(user_agent) or _UNKNOWN.label, "", "", "unknown")
    return Device(_label(browser, system), browser, system, _type(found, hints))


def kind_of(device: Device) -> Kind:
    """Return the kind of session that a sign-in from this device opens."""
    return Kind.DESKTOP if device.type == _PROGRAM else Kind.BROWSER


def _label(what: str, system: str) -> str:
    if what and system:
        return f"{what} on {system}"
    return what or system or _UNKNOWN.label


def _known(family: str) -> str:
    """Return the family without the parser's word for "no idea" and its marks for phones.

    Some families are words of the User-Agent: never a long one, and never one that reads as an
    instant.
    """
    family = "" if family == "Other" else family.removeprefix("Mobile ")
    family = family.removesuffix(" Mobile iOS").removesuffix(" Mobile").removesuffix(" iOS")
    family = family[:LONGEST_NAME].strip()
    return "" if INSTANT.fullmatch(family) else family


def _tool(user_agent: str) -> str:
    """Return the first product of a client that is no browser, such as `curl`. `Mozilla` is what
    all browsers begin with, and nobody's name."""
    match = _TOOL.match(user_agent)
    return match[1] if match and match[1] != "Mozilla" else ""


def _type(found: object, hints: ClientHints) -> str:
    for name, attribute in (
        ("bot", "is_bot"),
        ("tablet", "is_tablet"),
        ("mobile", "is_mobile"),
        ("desktop", "is_pc"),
    ):
        if getattr(found, attribute):
            return "mobile" if name == "desktop" and hints.mobile else name
    return "mobile" if hints.mobile else "unknown"


def _matches(pattern: str, user_agent: str) -> bool:
    """Say whether the whole User-Agent matches, without regard to case; `*` stands for anything.

    Plain searching from left to right, once over the text: no pattern can make it slow.
    """
    first, *middle = pattern.lower().split("*")
    text = user_agent.lower()
    if not middle:
        return text == first
    last = middle.pop()
    if not text.startswith(first) or len(text) < len(first) + len(last):
        return False
    at, end = len(first), len(text) - len(last)
    if not text.endswith(last):
        return False
    for piece in middle:
        at = text.find(piece, at, end)
        if at < 0:
            return False
        at += len(piece)
    return True
