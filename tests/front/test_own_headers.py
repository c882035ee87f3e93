from sidecar.front.own_headers import OwnHeaders


def test_given_https_then_everything_of_ours_insists_on_it() -> None:
    headers = OwnHeaders(secure=True)

    for kind in (headers.data, headers.page, headers.file):
        assert kind["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
        assert kind["X-Content-Type-Options"] == "nosniff"
        assert kind["Referrer-Policy"] == "same-origin"
        assert kind["Cross-Origin-Resource-Policy"] == "same-origin"


def test_given_plain_http_then_nothing_insists_on_https() -> None:
    assert "Strict-Transport-Security" not in OwnHeaders(secure=False).page


def test_given_a_page_then_it_runs_only_what_is_ours_and_is_never_framed() -> None:
    page = OwnHeaders(secure=True).page

    assert page["Content-Security-Policy"] == (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
        "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    )
    assert page["Cross-Origin-Opener-Policy"] == "same-origin"
    assert page["Cache-Control"] == "no-store"


def test_given_the_door_then_its_form_may_lead_on_to_where_the_application_sends_people() -> None:
    headers = OwnHeaders(secure=True)
    policy, usual = (kind["Content-Security-Policy"] for kind in (headers.door, headers.page))

    assert "form-action" not in policy
    assert usual == f"{policy}; form-action 'self'"
    assert headers.door["Accept-CH"] == "Sec-CH-UA-Platform-Version"
    assert {**headers.page, "Accept-CH": headers.door["Accept-CH"]} == {
        **headers.door,
        "Content-Security-Policy": usual,
    }


def test_given_json_then_no_browser_renders_or_keeps_it() -> None:
    data = OwnHeaders(secure=False).data

    assert "sandbox" in data["Content-Security-Policy"]
    assert data["Cache-Control"] == "no-store"
