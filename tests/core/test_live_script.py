from sidecar.core.live_script import LiveScript

ORIGINS = ("https://wiki.example:8443", "http://localhost:8080")


def test_given_no_nonce_then_the_tag_says_where_it_lives_and_what_it_does() -> None:
    assert LiveScript("/_sidecar").tag(None) == (
        '<script src="/_sidecar/live.js" async data-sidecar-mount="/_sidecar"'
        ' data-reauth="redirect"></script>'
    )


def test_given_a_nonce_then_the_tag_carries_it() -> None:
    tag = LiveScript("/auth", "overlay").tag("c2VjcmV0")

    assert tag == (
        '<script src="/auth/live.js" async nonce="c2VjcmV0" data-sidecar-mount="/auth"'
        ' data-reauth="overlay"></script>'
    )


def test_given_another_mount_or_act_then_pages_with_its_tag_are_told_apart() -> None:
    marks = {
        LiveScript("/_sidecar").mark,
        LiveScript("/_sidecar", "overlay").mark,
        LiveScript("/auth").mark,
    }

    assert len(marks) == 3
    assert all(len(mark) == 12 and mark.isalnum() for mark in marks)
    assert LiveScript("/auth").mark == LiveScript("/auth").mark


def test_given_origins_then_the_script_needs_its_own_addresses_there_and_no_others() -> None:
    needs = LiveScript("/_sidecar").needs(ORIGINS)

    assert needs.script == (
        "https://wiki.example:8443/_sidecar/live.js",
        "http://localhost:8080/_sidecar/live.js",
    )
    assert needs.connect == (
        "wss://wiki.example:8443/_sidecar/live",
        "https://wiki.example:8443/_sidecar/api/session",
        "ws://localhost:8080/_sidecar/live",
        "http://localhost:8080/_sidecar/api/session",
    )
    assert needs.worker == (
        "https://wiki.example:8443/_sidecar/live-worker.js",
        "http://localhost:8080/_sidecar/live-worker.js",
    )


def test_given_a_dialog_over_the_page_then_it_also_has_to_reach_the_sign_in() -> None:
    connect = LiveScript("/_sidecar", "overlay").needs(ORIGINS[:1]).connect

    assert connect[-1] == "https://wiki.example:8443/_sidecar/login"
