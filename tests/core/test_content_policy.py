"""As text; what a real browser makes of it is in tests/journeys/test_injection_policy.py."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.core.content_policy import Extended, extend
from sidecar.core.live_script import LiveScript

ORIGIN = "https://app.example"
JS = f"{ORIGIN}/_sidecar/live.js"
LIVE = f"wss://app.example/_sidecar/live {ORIGIN}/_sidecar/api/session"
WORKER = f"{ORIGIN}/_sidecar/live-worker.js"
NEEDS = LiveScript("/_sidecar").needs((ORIGIN,))
NEW = "bmV3"
SOURCES = ["'self'", "'none'", "https:", "*", "'unsafe-inline'", "'nonce-YQ=='", "'strict-dynamic'"]
SOURCES += ["https://cdn.example", "'sha256-AAAA'", "data:", "'unsafe-eval'", "blob:"]
NAMES = ["default-src", "script-src", "script-src-elem", "connect-src", "worker-src", "child-src"]
NAMES += ["img-src", "style-src", "frame-ancestors", "trusted-types"]


def one(policy: str) -> tuple[str, str | None]:
    """Extend a page's only policy; return it and the nonce for the tag."""
    result = extend([policy], [], NEEDS, lambda: NEW)
    assert result is not None
    return result.enforced[0], result.nonce


@pytest.mark.parametrize(
    "policy",
    [
        "default-src 'self'",
        "DEFAULT-SRC 'SELF' ; img-src *",
        "script-src 'self' https://cdn.example; connect-src https: wss:; worker-src 'self'",
        "default-src *",
        "default-src https: wss: 'unsafe-inline'",
        f"default-src {ORIGIN} wss://app.example",
        f"script-src {JS}; connect-src {LIVE}; worker-src {WORKER}",
        "frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
        "upgrade-insecure-requests",
        "img-src 'none'; style-src 'none'; object-src 'none'",
        "sandbox allow-scripts allow-same-origin allow-forms",
        "require-trusted-types-for 'script'",
        "trusted-types *",
        "",
        " ; ;",
        ",",
    ],
)
def test_given_a_policy_that_lets_the_script_work_then_it_stays_byte_for_byte(policy: str) -> None:
    assert one(policy) == (policy, None)


@pytest.mark.parametrize(
    ("policy", "extended"),
    [
        ("script-src 'none'; connect-src 'self'; worker-src 'self'",
         f"script-src {JS}; connect-src 'self'; worker-src 'self'"),
        ("script-src; worker-src *", f"script-src {JS}; worker-src *"),
        ("img-src *;script-src https://cdn.example;worker-src *",
         f"img-src *;script-src https://cdn.example {JS};worker-src *"),
        ("script-src-elem 'none'; script-src 'self'", f"script-src-elem {JS}; script-src 'self'"),
        ("default-src 'none'",
         f"default-src 'none'; worker-src {WORKER}; connect-src {LIVE}; script-src {JS}"),
        ("default-src https://cdn.example data: 'unsafe-inline'; ",
         ("default-src https://cdn.example data: 'unsafe-inline';"
         f" worker-src https://cdn.example data: {WORKER};"
         f" connect-src https://cdn.example data: {LIVE};"
         f" script-src https://cdn.example data: 'unsafe-inline' {JS}")),
        ("script-src 'unsafe-inline' 'unsafe-eval'",
         f"script-src 'unsafe-inline' 'unsafe-eval' {JS}; worker-src {WORKER}"),
        ("script-src 'self'; connect-src https://api.example",
         f"script-src 'self'; connect-src https://api.example {LIVE}"),
        ("connect-src 'none'", f"connect-src {LIVE}"),
        ("connect-src https:", "connect-src https: wss://app.example/_sidecar/live"),
        ("worker-src 'none'", f"worker-src {WORKER}"),
        ("child-src https://frames.example blob:; script-src *",
         ("child-src https://frames.example blob:; script-src *;"
         f" worker-src https://frames.example blob: {WORKER}")),
        ("script-src 'sha256-AAAA'", f"script-src 'sha256-AAAA' {JS}; worker-src {WORKER}"),
        ("script-src 'none'; SCRIPT-SRC 'self'; worker-src *",
         f"script-src {JS}; SCRIPT-SRC 'self'; worker-src *"),
        ("script-src 'none' 'self'", "script-src 'none' 'self'"),
        ("trusted-types lit dompurify", "trusted-types lit dompurify session-sidecar"),
        ("trusted-types 'none'", "trusted-types session-sidecar"),
    ],
)  # fmt: skip
def test_given_a_policy_that_stands_in_the_way_then_what_the_script_needs_is_added(
    policy: str, extended: str
) -> None:
    assert one(policy) == (extended, None)


@pytest.mark.parametrize(
    ("policy", "extended"),
    [
        ("script-src 'nonce-YWJj'; worker-src *", "script-src 'nonce-YWJj'; worker-src *"),
        ("script-src 'self' 'nonce-YWJj'", "script-src 'self' 'nonce-YWJj'"),
        ("script-src 'nonce-YWJj' 'strict-dynamic' https: 'unsafe-inline'",
         "script-src 'nonce-YWJj' 'strict-dynamic' https: 'unsafe-inline'"),
        ("default-src 'none'; script-src 'NONCE-YWJj'; connect-src 'self'",
         ("default-src 'none'; script-src 'NONCE-YWJj'; connect-src 'self';"
         f" worker-src {WORKER}")),
        ("default-src 'self' 'nonce-YWJj'", "default-src 'self' 'nonce-YWJj'"),
        ("script-src-elem 'nonce-YWJj'; script-src 'self'",
         "script-src-elem 'nonce-YWJj'; script-src 'self'"),
    ],
)  # fmt: skip
def test_given_a_nonce_of_the_page_then_the_tag_carries_it(policy: str, extended: str) -> None:
    assert one(policy) == (extended, "YWJj")


@pytest.mark.parametrize(
    ("policy", "extended"),
    [
        ("script-src 'strict-dynamic' 'sha256-AAAA' https:",
         f"script-src 'strict-dynamic' 'sha256-AAAA' https: 'nonce-{NEW}'"),
        ("default-src 'self' 'strict-dynamic' 'sha256-AAAA'",
         ("default-src 'self' 'strict-dynamic' 'sha256-AAAA';"
         f" script-src 'self' 'strict-dynamic' 'sha256-AAAA' 'nonce-{NEW}'")),
    ],
)  # fmt: skip
def test_given_strict_dynamic_without_a_nonce_then_one_is_made_for_the_tag(
    policy: str, extended: str
) -> None:
    assert one(policy) == (extended, NEW)


@pytest.mark.parametrize(
    "nonce", ["'nonce-'", "'nonce-a b'", "nonce-YWJj", "'nonce-\"><script>'", "'nonce-YW=Jj'"]
)
def test_given_what_is_no_nonce_then_the_tag_carries_none(nonce: str) -> None:
    assert one(f"script-src 'self' {nonce}")[1] is None


@pytest.mark.parametrize(
    "policy",
    ["sandbox", "sandbox allow-scripts", "img-src *; SANDBOX allow-same-origin allow-forms"],
)
def test_given_a_sandbox_in_which_no_script_of_the_page_works_then_there_is_none(
    policy: str,
) -> None:
    assert extend(["default-src 'self'", policy], [], NEEDS, lambda: NEW) is None
    assert extend([f"img-src *,{policy}"], [], NEEDS, lambda: NEW) is None
    assert extend([], [policy], NEEDS, lambda: NEW) == Extended((), (policy,), None)


def test_given_several_policies_then_each_is_extended_where_it_is() -> None:
    result = extend(
        ["script-src 'self', script-src 'none'; worker-src *", "connect-src 'none'"],
        ["script-src 'nonce-YWJj'; worker-src *", "default-src 'self'"],
        NEEDS,
        lambda: NEW,
    )

    assert result == Extended(
        (f"script-src 'self', script-src {JS}; worker-src *", f"connect-src {LIVE}"),
        ("script-src 'nonce-YWJj'; worker-src *", "default-src 'self'"),
        "YWJj",
    )


def test_given_two_nonces_then_neither_policy_lets_the_others_scripts_run() -> None:
    first, second = "script-src 'nonce-YQ=='; worker-src *", "script-src 'nonce-Yg=='; worker-src *"

    result = extend([first, second], [], NEEDS, lambda: NEW)

    assert result == Extended((first, f"script-src 'nonce-Yg==' {JS}; worker-src *"), (), "YQ==")


def test_given_two_strict_policies_with_nonces_of_their_own_then_the_tag_gets_a_third() -> None:
    first, second = (f"script-src 'strict-dynamic' 'nonce-{nonce}'" for nonce in ("YQ==", "Yg=="))

    result = extend([first, second], ["script-src 'self' 'nonce-YQ=='"], NEEDS, lambda: NEW)

    assert result == Extended(
        (f"{first} 'nonce-{NEW}'", f"{second} 'nonce-{NEW}'"),
        ("script-src 'self' 'nonce-YQ=='",),
        NEW,
    )


def test_given_the_nonce_of_a_strict_policy_then_it_is_preferred() -> None:
    lax, strict = "script-src 'self' 'nonce-YQ=='", "script-src 'strict-dynamic' 'nonce-Yg=='"

    assert extend([lax, strict], [], NEEDS, lambda: NEW) == Extended((lax, strict), (), "Yg==")


def test_given_an_answer_without_a_page_then_no_nonce_is_used_or_added() -> None:
    policies = ["script-src 'nonce-YQ=='; worker-src *", "script-src 'strict-dynamic'"]

    assert extend(policies, [], NEEDS, None) == Extended(
        (f"script-src 'nonce-YQ==' {JS}; worker-src *", "script-src 'strict-dynamic'"), (), None
    )


def test_given_two_origins_then_both_are_let_through() -> None:
    needs = LiveScript("/_sidecar").needs((ORIGIN, "http://localhost:8080"))

    result = extend(["script-src 'none'; worker-src *; connect-src *"], [], needs, lambda: NEW)

    assert result is not None
    assert result.enforced == (
        f"script-src {JS} http://localhost:8080/_sidecar/live.js; worker-src *; connect-src *",
    )


def test_given_an_ipv6_address_then_the_origin_has_to_do() -> None:
    needs = LiveScript("/_sidecar").needs(("http://[::1]:8080",))

    result = extend(["default-src 'none'"], [], needs, lambda: NEW)

    assert result is not None
    assert result.enforced == (
        "default-src 'none'; worker-src 'self'; connect-src 'self'; script-src 'self'",
    )


@given(
    st.lists(
        st.tuples(st.sampled_from(NAMES), st.lists(st.sampled_from(SOURCES), max_size=4)),
        max_size=5,
    )
)
def test_given_any_policy_then_what_it_said_it_still_says_and_once_extended_it_is_enough(
    directives: list[tuple[str, list[str]]],
) -> None:
    policy = "; ".join(" ".join([name, *sources]) for name, sources in directives)

    extended, nonce = one(policy)

    before, after = (
        {words[0]: words[1:] for text in reversed(said.split(";")) if (words := text.split())}
        for said in (policy, extended)
    )
    for name, sources in before.items():
        assert after[name][: len(sources)] == sources or sources == ["'none'"] * len(sources)
    again = extend([extended], [], NEEDS, lambda: NEW)
    assert again is not None
    assert again.enforced[0] == extended
    assert again.nonce == nonce
