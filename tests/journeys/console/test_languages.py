"""The console in six languages, column headers included, and Arabic from right to left."""

import json
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.journeys.console.stage import Stage
from tests.rules.source import ROOT

pytestmark = pytest.mark.asyncio(loop_scope="package")

_LANGUAGES = {
    "en": "en-GB",
    "de": "de-DE",
    "fr": "fr-FR",
    "es": "es-ES",
    "ja": "ja-JP",
    "ar": "ar-EG",
}
_COLUMNS = {
    "/sessions": ("user", "ip", "device", "created", "active", "expires", "actions"),
    "/users": ("user", "status", "signed_in", "last_login", "member_since", "actions"),
    "/audit": ("when", "actor", "action", "target", "details"),
}


def _texts(language: str) -> dict[str, str]:
    texts: dict[str, str] = json.loads(
        Path(ROOT, "admin_ui", "locales", f"{language}.json").read_text("utf-8")
    )
    return texts


@pytest.mark.parametrize("language", _LANGUAGES)
async def test_given_a_browsers_language_when_the_console_is_opened_then_its_words_are_in_it(
    browser: Browser, stage: Stage, language: str
):
    texts, english = _texts(language), _texts("en")
    async with stage.console(browser, "/", language=_LANGUAGES[language]) as console:
        root = console.page.locator("html")
        assert await root.get_attribute("lang") == language
        assert await root.get_attribute("dir") == ("rtl" if language == "ar" else "ltr")
        for path, columns in _COLUMNS.items():
            await console.page.locator(f'nav a[href$="/admin{path}"]').click()
            name = path.removeprefix("/")
            heading = console.page.get_by_role("heading", level=1)
            await expect(heading).to_have_text(texts[f"page.{name}"])
            await console.is_loaded()
            heads = console.page.locator("thead th:not(.sel)")
            words = [texts[f"column.{column}"] for column in columns]
            shown = [(text or "").strip(" ↓↑↕\n") for text in await heads.all_text_contents()]
            assert shown == words
            if language != "en":
                assert not {english[f"column.{column}"] for column in columns} >= set(words)


async def test_given_a_language_that_was_chosen_when_the_console_is_opened_again_then_it_stays(
    browser: Browser, stage: Stage
):
    german = _texts("de")
    async with stage.console(browser, "/users") as console:
        await console.act("preferences").click()
        await console.dialog("preferences").locator("[name=language]").select_option("de")
        heading = console.page.get_by_role("heading", level=1)
        await expect(heading).to_have_text(german["page.users"])
        await console.go("/audit")
        await expect(heading).to_have_text(german["page.audit"])
        assert await console.page.locator("html").get_attribute("lang") == "de"

        await console.act("preferences").click()
        await console.dialog("preferences").locator("[name=theme]").select_option("dark")
        await console.go("/users")
        assert await console.page.locator("html").get_attribute("data-theme") == "dark"


async def test_given_another_language_when_a_user_cannot_be_created_then_the_faults_are_in_it(
    browser: Browser, stage: Stage
):
    german = _texts("de")
    async with stage.console(browser, "/users", language="de-DE") as console:
        console.allowed.add("400")
        await console.act("create-user").click()
        dialog = console.dialog("create-user")
        await dialog.locator("[name=username]").fill("two@at@signs")
        await dialog.locator("[name=way][value=set]").check()
        await dialog.locator("[name=password]").fill("short")
        await dialog.locator("[data-act]").click()
        await expect(dialog).to_contain_text(german["fault.username"])
        await dialog.locator("[name=username]").fill("kurz")
        await dialog.locator("[data-act]").click()
        weak = german["door.weak_short"].replace("{count}", "12")
        await expect(dialog).to_contain_text(weak)

        await console.go("/sessions?ip=999")
        await expect(console.page.get_by_text(german["fault.ip"])).to_be_visible()
