"""Which rule is about which request: segment by segment, on the path alone, first match wins."""

from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sidecar.core.paths import Target, canonical_target
from sidecar.core.policy import DEFAULT_ROUTE, Route
from sidecar.core.routes import RouteTable, compile_path, permits
from sidecar.core.session import Handle, Session
from sidecar.core.users import Role, UserId

SEGMENT = st.text(st.characters(codec="ascii", categories=("L", "N")) | st.just("."), min_size=1)
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def a_session(role: Role = Role.USER, groups: tuple[str, ...] = ()) -> Session:
    return Session(
        handle=Handle("h"),
        secret_hash=b"",
        user_id=UserId("u"),
        username="ann",
        role=role,
        created_at=NOW,
        last_active_at=NOW,
        authenticated_at=NOW,
        groups=groups,
    )


def a_table(**route: object) -> RouteTable:
    return RouteTable([Route(allow="anyone", **route)])  # type: ignore[arg-type]  # one field each


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("/", "/", True),
        ("/", "/a", False),
        ("/a", "/a", True),
        ("/a", "/a/", False),
        ("/a/", "/a/", True),
        ("/**", "/", True),
        ("/**", "/a/b", True),
        ("/a/*", "/a/b", True),
        ("/a/*", "/a/", False),
        ("/a/*", "/a", False),
        ("/a/*", "/a/b/c", False),
        ("/a/**", "/a", True),
        ("/a/**", "/a/", True),
        ("/a/**", "/a/b/c", True),
        ("/a/**/z", "/a/z", True),
        ("/a/**/z", "/a/b/z/c/z", True),
        ("/a/**/z", "/a/b/zz", False),
        ("/**/b/*/**", "/b/b/c", True),
        ("/**/x/**/y", "/x/y/x", False),
        ("/*.css", "/site.css", True),
        ("/*.css", "/.css", True),
        ("/*.css", "/site.css.map", False),
        ("/*.css", "/a/site.css", False),
        ("/a*b*c", "/a--b--b--c", True),
        ("/a*b*c", "/a--c--b", False),
        ("/.well-known/**", "/xwell-known/a", False),
        ("/caf\u00e9", "/caf%C3%A9", True),
        ("/%61%3a%3b", "/a:%3B", True),
        ("/a b", "/a%20b", True),
        ("/caf%c3%a9/*", "/caf%C3%A9/x", True),
        ("regex:/v[0-9]+/ping", "/v12/ping", True),
        ("regex:/v[0-9]+/ping", "/v12/ping/x", False),
    ],
)
def test_given_a_pattern_when_a_path_is_compared_then_segments_decide(
    pattern: str, path: str, *, expected: bool
) -> None:
    assert bool(compile_path(pattern)(path)) is expected


def test_s_14_given_a_public_regex_when_only_part_of_the_path_matches_then_sign_in_is_needed() -> (
    None
):
    table = a_table(path=r"regex:/api/[^/]*/status")

    assert table.match("GET", "app", "/api/x/status").allow == "anyone"
    assert table.match("GET", "app", "/api/private") == DEFAULT_ROUTE
    assert table.match("GET", "app", "/x/api/y/status") == DEFAULT_ROUTE
    assert table.match("GET", "app", "/api/x/status/more") == DEFAULT_ROUTE
    assert table.match("GET", "app", "/api/x/status\n") == DEFAULT_ROUTE


def test_s_24_given_a_rule_for_a_folder_when_a_name_begins_like_it_then_it_does_not_count() -> None:
    table = a_table(path="/api/admin/**")

    assert table.match("GET", "app", "/api/admin").allow == "anyone"
    assert table.match("GET", "app", "/api/admin/x").allow == "anyone"
    assert table.match("GET", "app", "/api/adminX") == DEFAULT_ROUTE
    assert table.match("GET", "app", "/api/admin%2Fx") == DEFAULT_ROUTE
    assert table.match("GET", "app", "/api/Admin/x") == DEFAULT_ROUTE
    assert table.match("GET", "app", "/v1/api/admin/x") == DEFAULT_ROUTE


@given(st.lists(SEGMENT, min_size=2, max_size=5))
def test_given_a_single_star_when_a_path_has_more_segments_then_it_never_matches(
    segments: list[str],
) -> None:
    assert not compile_path("/*")("/" + "/".join(segments))
    assert not compile_path("/a*")("/a" + "/".join(segments))


@given(st.lists(SEGMENT, min_size=1, max_size=4), SEGMENT)
def test_given_a_folder_pattern_when_its_last_segment_goes_on_then_it_never_matches(
    segments: list[str], suffix: str
) -> None:
    folder = "/" + "/".join("s" + segment for segment in segments)
    test = compile_path(f"{folder}/**")

    assert test(folder)
    assert test(f"{folder}/{suffix}")
    assert not test(folder + suffix)


@given(st.lists(st.sampled_from(["a", "b", "*", "**"]), max_size=6), st.text("ab/", max_size=9))
def test_given_any_wildcards_when_compared_then_it_agrees_with_trying_every_way(
    parts: list[str], tail: str
) -> None:
    def every_way(parts: list[str], segments: list[str]) -> bool:
        if not parts:
            return not segments
        if parts[0] == "**":
            return any(every_way(parts[1:], segments[n:]) for n in range(len(segments) + 1))
        if not segments or not (segments[0] if parts[0] == "*" else segments[0] == parts[0]):
            return False
        return every_way(parts[1:], segments[1:])

    pattern = "/" + "/".join(parts)
    expected = every_way(pattern.split("/")[1:], tail.split("/"))

    assert bool(compile_path(pattern)("/" + tail)) is expected


@pytest.mark.parametrize(
    "pattern",
    ["a", "", "/a?b", "/a#b", "/a//b", "/a/../b", "/./a", "/a**", "/***", "/a\\b", "regex:(", "*"]
    + ["/a;b", "/a%2fb", "/%5c", "/%2A", "/%00", "/100%", "/%zz"],
)
def test_given_a_pattern_that_could_never_match_when_it_is_compiled_then_it_is_refused(
    pattern: str,
) -> None:
    with pytest.raises(ValueError, match=r".+"):
        compile_path(pattern)


@pytest.mark.parametrize("pattern", ["/a;b", "/a/*;v=1/**", "regex:/a;v=[0-9]+", "regex:/[a;]"])
def test_given_a_semicolon_in_a_pattern_when_it_is_compiled_then_the_reason_is_told(
    pattern: str,
) -> None:
    with pytest.raises(ValueError, match=r'has a ";", which never matches.*%3B'):
        compile_path(pattern)


def test_given_an_encoded_semicolon_or_anything_but_one_when_compiled_then_paths_match() -> None:
    target = canonical_target("/a%3bb;v=1")

    assert isinstance(target, Target)
    assert compile_path("/a%3Bb")(target.path)
    assert compile_path("regex:/a%3B[^/;]+")(target.path)


@given(st.text("ab/:%é ~;*", max_size=8))
def test_given_a_literal_pattern_when_that_very_path_arrives_then_it_matches(text: str) -> None:
    raw = quote("/" + text, safe="/")
    target = canonical_target(raw)
    assume(isinstance(target, Target) and "*" not in text and ";" not in text)

    assert isinstance(target, Target)
    assert compile_path(raw)(target.path)


def test_given_two_rules_when_both_match_then_the_first_decides() -> None:
    first, second = Route(path="/a/**", allow="anyone"), Route(path="/**", inject=False)
    table = RouteTable([first, second])

    assert table.match("GET", "app", "/a/b") is first
    assert table.match("GET", "app", "/b") is second
    assert RouteTable([second, first]).match("GET", "app", "/a/b") is second


def test_s_22_given_a_rule_for_get_when_another_method_asks_then_only_head_is_like_it() -> None:
    table = a_table(methods=frozenset({"GET"}))

    assert table.match("GET", "app", "/").allow == "anyone"
    assert table.match("HEAD", "app", "/").allow == "anyone"
    for method in ("POST", "OPTIONS", "get", "DELETE"):
        assert table.match(method, "app", "/") == DEFAULT_ROUTE


def test_given_hosts_when_a_request_names_one_then_a_wildcard_needs_a_label_before_it() -> None:
    table = a_table(hosts=frozenset({"app.example.com", "*.cdn.example"}))

    for host in ("app.example.com", "a.cdn.example", "a.b.cdn.example"):
        assert table.match("GET", host, "/").allow == "anyone"
    for host in ("example.com", "x.app.example.com", "cdn.example", "evilcdn.example"):
        assert table.match("GET", host, "/") == DEFAULT_ROUTE


def test_given_many_paths_when_they_are_matched_then_memory_stays_bounded_and_answers_right() -> (
    None
):
    table = a_table(path="/open/**")

    for number in range(10_000):
        assert table.match("GET", "app", f"/open/{number}").allow == "anyone"
        assert table.match("GET", "app", f"/shut/{number}" + "x" * 600) == DEFAULT_ROUTE

    assert len(table._memo) <= 4096
    assert max(len(path) for _, _, path in table._memo) <= 512


@pytest.mark.parametrize(
    ("route", "session", "expected"),
    [
        (Route(allow="anyone"), None, True),
        (Route(allow="anyone"), a_session(), True),
        (Route(), None, False),
        (Route(), a_session(), True),
        (Route(allow="members", roles=frozenset({Role.ADMIN})), None, False),
        (Route(allow="members", roles=frozenset({Role.ADMIN})), a_session(), False),
        (Route(allow="members", roles=frozenset({Role.ADMIN})), a_session(Role.ADMIN), True),
        (Route(allow="members", roles=frozenset({Role.ADMIN})), a_session(Role.OWNER), True),
        (Route(allow="members", groups=frozenset({"ops"})), a_session(groups=("ops", "x")), True),
        (Route(allow="members", groups=frozenset({"ops"})), a_session(Role.OWNER), False),
        (Route(allow="members", groups=frozenset({"ops"})), a_session(groups=("Ops",)), False),
        (Route(allow="members"), a_session(Role.OWNER), False),
    ],
)
def test_given_a_route_when_someone_asks_then_role_or_group_decides(
    route: Route, session: Session | None, *, expected: bool
) -> None:
    assert permits(route, session) is expected
