from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from multidict import CIMultiDict

from sidecar.core.ports import StoreUnavailable
from sidecar.core.reasons import Ended
from sidecar.core.session import Handle
from sidecar.core.token import write_token
from sidecar.observe.redact import HIDDEN, MAX_TEXT, clean, clean_error, clean_text

SECRET = "S" * 43
TOKEN = write_token(Handle("h" * 30), SECRET, "k1", b"key")


@pytest.mark.parametrize(
    "name", ["authorization", "Set-Cookie", "newPassword", "secret_file", "accessToken", "api_key"]
)
def test_s89_given_a_name_that_means_a_secret_when_it_is_logged_then_the_value_is_hidden(
    name: str,
) -> None:
    assert clean(name, "value") == HIDDEN
    assert clean("headers", {name: "value"}) == {name: HIDDEN}


def test_s89_given_headers_when_they_are_logged_whole_then_the_credentials_are_hidden() -> None:
    headers = CIMultiDict({"Cookie": "a=1", "AUTHORIZATION": "Basic YTpi", "Accept": "*/*"})

    assert clean("headers", headers) == {
        "Cookie": HIDDEN,
        "AUTHORIZATION": HIDDEN,
        "Accept": "*/*",
    }


@pytest.mark.parametrize(
    "text",
    [
        f"refused {TOKEN} for a reason",
        f"<CIMultiDict('Host': 'x', 'Cookie': '__Host-sidecar={TOKEN}; a={SECRET}')>",
        f"Authorization: Bearer {SECRET}",
        f"got header bearer {SECRET}",
        f"redis://user:{SECRET}@host:6379/0 is not there",
        f"sst_{SECRET}",
        f"sst_1.k1.{'h' * 30}.{SECRET}.{SECRET}",
        f"eyJhbGciOiJFUzI1NiJ9.{SECRET}.{SECRET}",
        f"password={SECRET}",
    ],
)
def test_s89_given_a_secret_inside_a_text_when_it_is_logged_then_it_is_cut_out(text: str) -> None:
    kept = clean_text(text)

    assert SECRET not in kept
    assert HIDDEN in kept


@pytest.mark.parametrize(
    "secret",
    [
        TOKEN,
        f"bearer {SECRET}",
        f"redis://user:{SECRET}@host",
        f"sst_{SECRET}",
        f"sst_1.k1.{'h' * 30}.{SECRET}.{SECRET}",
        f"eyJhbGciOiJFUzI1NiJ9.{SECRET}.{SECRET}",
        f"eyJhbGciOiJFUzI1NiJ9.{SECRET * 60}.{SECRET}",
        f"password={SECRET}",
    ],
)
def test_s89_given_a_cut_through_a_secret_when_it_is_logged_then_no_part_of_it_is_left(
    secret: str,
) -> None:
    cut_anywhere = ["x" * (MAX_TEXT - shift) + f" {secret} end" for shift in range(len(secret) + 2)]
    bound_anywhere = [("x" * shift + " ") + f"{secret} " * 200 for shift in range(len(secret) + 1)]

    for text in cut_anywhere[:200] + bound_anywhere[:200]:
        kept = clean_text(text)
        assert SECRET[:2] not in kept
        assert len(kept) < MAX_TEXT + 50


def test_given_what_only_begins_like_a_jwt_when_it_is_logged_then_it_stays() -> None:
    assert clean_text("eyJeyJ/eyJa.b eyJ") == "eyJeyJ/eyJa.b eyJ"
    assert clean_text("eyJeyJa.b.c") == HIDDEN


def test_given_plain_values_when_they_are_logged_then_they_keep_their_types() -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, 6789, UTC)

    assert clean("count", 3) == 3
    assert clean("on", True) is True
    assert clean("none", None) is None
    assert clean("at", moment) == "2026-01-02T03:04:05.006Z"
    assert clean("span", timedelta(minutes=1)) == 60
    assert clean("reason", Ended.REVOKED) == "revoked"
    assert clean("path", Path("/tmp/x")) == "/tmp/x"
    assert clean("ip", ip_address("::1")) == "::1"
    assert clean("raw", b"\xff\x00") == "[2 bytes]"
    assert clean("odd", float("nan")) == "nan"
    assert clean("items", ("a", 1)) == ["a", 1]
    assert clean("thing", object()) == "[object]"


def test_s88_given_an_endless_text_when_it_is_logged_then_it_is_cut() -> None:
    kept = clean_text("x" * (1 << 20))

    assert len(kept) < MAX_TEXT + 50
    assert "1048576 characters" in kept


def test_given_a_mapping_that_contains_itself_when_it_is_logged_then_it_ends() -> None:
    endless: dict[str, object] = {}
    endless["again"] = endless

    assert "too deep" in str(clean("endless", endless))


def test_s89_given_a_foreign_exception_when_it_is_logged_then_its_message_is_left_out() -> None:
    try:
        raise ValueError(f"bad header: {SECRET}")
    except ValueError as error:
        about = clean_error(error)

    assert SECRET not in str(about)
    assert about["error"] == "ValueError"
    assert "test_redact.py" in str(about["where"])


def test_given_an_exception_of_ours_when_it_is_logged_then_its_message_and_cause_stay() -> None:
    try:
        try:
            raise TimeoutError(SECRET)
        except TimeoutError as error:
            raise StoreUnavailable("no answer in time") from error
    except StoreUnavailable as error:
        about = clean_error(error)

    assert about["problem"] == "no answer in time"
    assert about["cause"] == "TimeoutError"
    assert SECRET not in str(about)


def test_given_a_refusal_of_the_system_when_it_is_logged_then_its_words_stay() -> None:
    assert clean_error(OSError(13, "Permission denied"))["problem"] == "Permission denied"


def test_given_a_repr_that_tells_secrets_when_it_is_logged_then_it_is_not_asked() -> None:
    class Loud(Mapping[str, str]):
        def __getitem__(self, key: str) -> str:
            return SECRET

        def __iter__(self) -> Iterator[str]:
            return iter(["password"])

        def __len__(self) -> int:
            return 1

        def __repr__(self) -> str:
            return SECRET

    assert clean("form", Loud()) == {"password": HIDDEN}
