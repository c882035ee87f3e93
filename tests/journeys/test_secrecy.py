"""The search of all logs finds each kind of secret; see `secrecy.py`."""

from collections.abc import Callable
from secrets import token_urlsafe

import pytest
from playwright.async_api import Browser

from tests.journeys.browser import tab
from tests.journeys.raw import RecordingUpstream
from tests.journeys.running import Product
from tests.journeys.secrecy import note_cookie, note_password, note_sent, secrets_in

HANDLE, SECRET, MAC = "h" * 30, token_urlsafe(32), token_urlsafe(16)
TOKEN = f"1.k1abcdef.{HANDLE}.{SECRET}.{MAC}"
DEVICE = token_urlsafe(16)


@pytest.mark.parametrize(
    ("note", "secret", "line"),
    [
        (note_password, "plum-orbit-canvas-41", '{"password": "plum-orbit-canvas-41"}'),
        (note_sent, '{"current":"plum-orbit-canvas-42"}', "for plum-orbit-canvas-42"),
        (note_sent, "username=kim&password=plum+orbit+canvas", "for plum orbit canvas"),
        (note_cookie, TOKEN, f"GET /x?token={TOKEN}"),
        (note_cookie, TOKEN, f'{{"mac":"{MAC}"}}'),
        (note_cookie, DEVICE, f"known by {DEVICE}"),
        (note_cookie, DEVICE, f"cookie __Host-sidecar-device={token_urlsafe(16)}"),
        (note_cookie, DEVICE, f"/reset#u1.{token_urlsafe(32)}"),
        (note_cookie, DEVICE, "Authorization: Bearer sst_0123456789"),
    ],
    ids=[
        "password",
        "sent",
        "form",
        "token",
        "a part of it",
        "device",
        "its cookie",
        "reset link",
        "bearer",
    ],
)
def test_given_a_log_with_a_secret_when_it_is_searched_then_it_is_found(
    note: Callable[[str], None], secret: str, line: str
) -> None:
    note(secret)

    assert secrets_in(f'{{"event":"request"}}\n{line}\n')


def test_given_a_log_as_it_should_be_when_it_is_searched_then_nothing_is_found() -> None:
    note_cookie(TOKEN)

    assert not secrets_in(
        f'{{"event":"request","requestId":"ab12cd34ef56-1","handle":"{HANDLE}","userId":"u123",'
        '"traceId":"0af7651916cd43dd8448eb211c80319c","path":"/_sidecar/login"}'
    )


@pytest.mark.asyncio(loop_scope="module")
async def test_given_a_password_that_is_typed_in_a_browser_when_a_log_has_it_then_it_is_found(
    browser: Browser,
) -> None:
    typed = [f"plum-{token_urlsafe(12)}" for _ in range(2)]
    async with tab(browser) as page:
        await page.goto("data:text/html,<input type=password><input autocomplete=new-password>")

        for number, password in enumerate(typed):
            await page.locator("input").nth(number).fill(password)

        assert all(secrets_in(f"said {password}") == [password] for password in typed)


def test_given_a_product_that_logged_a_secret_when_it_is_removed_then_that_is_told() -> None:
    product = Product(RecordingUpstream(port=1))
    product.log_path.write_text(f"a line with {SECRET}\n", encoding="utf-8")

    with pytest.raises(AssertionError, match="secrets in the log"):
        product.remove()

    assert not product.folder.exists()
