"""Datasette, which nobody here wrote and which knows nothing of us, behind the sidecar: a person
with a real browser signs in, uses it, is signed out by an operator, and comes back.

Over TLS, as in earnest: the cookie is `__Host-` and Secure.
"""

import asyncio
import hashlib
import json
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.certificates import write_certificate
from tests.journeys.applications import ARCHIVE_ROWS, datasette
from tests.journeys.browser import Visitor, visitor
from tests.journeys.running import COOKIE, MOUNT, Product

pytestmark = pytest.mark.asyncio(loop_scope="module")

PASSWORD = "a long and unusual passphrase"
QUIET = '[[routes]]\npath = "/office/**"\ninject = false\n'
"""Tabs on these pages stay where they are when the session ends, until somebody touches them."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("datasette")


@pytest.fixture(scope="module")
def product(folder: Path) -> Iterator[Product]:
    write_certificate(folder, "localhost")
    tls = f'[tls]\ncertificate = "{folder}/cert.pem"\nkey = "{folder}/key.pem"\n'
    with datasette(folder) as port:
        product = Product(port, policy=QUIET, tables=tls, public="https://localhost:{port}")
        product.start()
        for name in ("maria", "noor", "ines"):
            product.add_user(name, PASSWORD)
        yield product
        product.remove()


@pytest_asyncio.fixture(loop_scope="module")
async def maria(browser: Browser) -> AsyncIterator[Visitor]:
    async with visitor(browser) as person:
        yield person


async def sign_in(person: Visitor, product: Product, name: str, path: str = "/") -> None:
    """Go to a page, be asked who one is, and come back to it."""
    await person.page.goto(product.public + path)
    await person.is_asked_to_sign_in()
    await person.fill_in(name, PASSWORD)
    await person.is_at(product.public + path)


async def revoke(product: Product, name: str) -> dict[str, int]:
    """End all sessions of a person, as an operator does on the machine."""
    words = ("sessions", "revoke", "--user", name, "--json")
    done = await asyncio.to_thread(product.command, *words)
    assert done.returncode == 0, done.stderr
    answer: dict[str, int] = json.loads(done.stdout)
    return answer


async def test_given_nobody_when_a_page_is_opened_then_sign_in_leads_back_to_it(
    product: Product, maria: Visitor
) -> None:
    address = f"{product.public}/archive/scans?_size=5&_sort_desc=id"

    first = await maria.page.goto(address, wait_until="commit")
    assert first is not None
    await maria.is_asked_to_sign_in()
    await maria.sees("You will return to")
    await maria.fill_in("maria", PASSWORD)
    await maria.is_at(address)

    assert (first.status, first.headers["www-authenticate"]) == (401, "Session")
    await maria.sees(f"{ARCHIVE_ROWS:,} rows")
    [cookie] = [item for item in await maria.page.context.cookies() if item["name"] == COOKIE]
    assert (cookie["secure"], cookie["httpOnly"], cookie["sameSite"]) == (True, True, "Lax")
    assert (cookie["path"], cookie["domain"]) == ("/", "localhost")
    assert maria.violations == []


async def test_given_a_person_when_they_use_the_application_then_all_of_it_works(
    product: Product, maria: Visitor, folder: Path
) -> None:
    page = maria.page
    await sign_in(maria, product, "maria")
    maria.answers.clear()

    await page.get_by_role("link", name="office", exact=True).click()
    await page.get_by_role("link", name="Pin a note").click()
    await page.get_by_label("text").fill("Please <b>label</b> your mugs – all of them")
    await page.get_by_role("button", name="Run SQL").click()

    # Its own cookies went there and back: one against forgery, one with the message.
    await maria.is_at(f"{product.public}/office/notes")
    await maria.sees("The note is pinned")
    await maria.sees("Please <b>label</b> your mugs – all of them")
    await expect(page.locator("td.col-author")).to_have_text("maria")

    # What it says about itself names the address that people type.
    alternate = await page.locator("link[rel=alternate]").get_attribute("href")
    assert alternate == f"{product.public}/office/notes.json"
    rows = await page.evaluate(
        "async () => (await fetch('/office/notes.json?_shape=array')).json()"
    )
    assert [row["author"] for row in rows] == ["maria"]

    await page.get_by_role("link", name="home").click()
    await page.get_by_role("link", name="archive", exact=True).click()
    async with page.expect_download() as begun:
        await page.get_by_role("link", name="archive.db").click()
    download = await begun.value

    received = Path(await download.path()).read_bytes()
    assert digest(received) == digest((folder / "archive.db").read_bytes())
    assert any(url.endswith(".js") for _, url in maria.answers)
    assert any("/-/static/app.css" in url for _, url in maria.answers)
    assert maria.failed_loads() == []
    assert maria.violations == []


async def test_given_a_person_at_work_when_they_are_revoked_then_the_next_click_is_refused(
    product: Product, maria: Visitor
) -> None:
    page = maria.page
    await sign_in(maria, product, "noor")
    await page.get_by_role("link", name="office", exact=True).click()
    await maria.is_at(f"{product.public}/office")

    done = await revoke(product, "noor")
    await page.get_by_role("link", name="notes", exact=True).first.click()

    assert done == {"revoked": 1}
    await maria.is_asked_to_sign_in()
    await maria.sees("Your session was ended.")
    assert (401, f"{product.public}/office/notes") in maria.answers
    await maria.fill_in("noor", PASSWORD)
    await maria.is_at(f"{product.public}/office/notes")
    await expect(page.get_by_role("heading", name="notes")).to_be_visible()
    assert maria.violations == []


async def test_given_a_page_that_nobody_touches_when_they_are_revoked_then_it_goes_to_sign_in(
    product: Product, maria: Visitor
) -> None:
    await sign_in(maria, product, "noor", "/archive/scans?_size=5")
    await expect(maria.page.locator("script[data-sidecar-started]")).to_have_count(1)

    await revoke(product, "noor")

    # The worker of a browser that does not trust the certificate opens no line, and asks instead.
    await expect(maria.page).to_have_url(re.compile(f"{MOUNT}/login"), timeout=30_000)
    await maria.is_asked_to_sign_in()
    await maria.sees("Your session was ended.")
    await maria.fill_in("noor", PASSWORD)
    await maria.is_at(f"{product.public}/archive/scans?_size=5")
    assert maria.violations == []


async def test_given_a_filled_in_form_when_the_session_was_revoked_then_nothing_is_written(
    product: Product, maria: Visitor
) -> None:
    page = maria.page
    await sign_in(maria, product, "ines", "/office/pin_note")
    await page.get_by_label("text").fill("too late")

    await revoke(product, "ines")
    fetched = await page.evaluate(
        "async () => { const answer = await fetch('/office.json'); return [answer.status,"
        " answer.headers.get('WWW-Authenticate'), (await answer.json()).code] }"
    )
    await page.get_by_role("button", name="Run SQL").click()

    assert fetched == [401, "Session", "session_revoked"]
    await maria.is_asked_to_sign_in()
    await maria.fill_in("ines", PASSWORD)
    await maria.is_at(f"{product.public}/")
    await page.goto(f"{product.public}/office/notes?text=too+late")
    await maria.sees("0 rows where")


async def test_given_a_browser_without_javascript_when_it_is_used_then_all_of_it_works(
    product: Product, browser: Browser
) -> None:
    async with visitor(browser, javascript=False) as person:
        page = person.page
        await sign_in(person, product, "maria", "/archive")
        await page.get_by_role("link", name="scans", exact=True).first.click()
        await person.is_at(f"{product.public}/archive/scans")
        await revoke(product, "maria")
        await page.get_by_role("link", name="archive", exact=True).click()

        await person.is_asked_to_sign_in()
        await person.sees("Your session was ended.")
        await person.fill_in("maria", "something else entirely")
        await person.sees("The username or the password is wrong.")
        assert await page.get_by_label("Username").input_value() == "maria"
        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_role("button", name="Sign in").click()
        await person.is_at(f"{product.public}/archive")
        assert person.violations == []


async def test_given_a_person_when_they_sign_out_then_the_page_they_were_on_asks_who_they_are(
    product: Product, maria: Visitor
) -> None:
    await sign_in(maria, product, "maria", "/office")

    await maria.page.goto(f"{product.public}{MOUNT}/logout")
    await maria.page.get_by_role("button", name="Sign out").click()
    await maria.sees("You are signed out.")
    await maria.page.goto(f"{product.public}/office")

    await maria.is_asked_to_sign_in()
    assert [item for item in await maria.page.context.cookies() if item["name"] == COOKIE] == []
    assert re.search(r"[?&]reason=", maria.page.url) is None
    assert maria.violations == []


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
