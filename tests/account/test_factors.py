"""The own second factor: a fresh proof for each change, secrets shown once, codes used once."""

from datetime import timedelta
from typing import Any

import pytest

from sidecar.core.policy import MfaPolicy, Policy
from tests.account.devices import Device, latest
from tests.house import PASSWORD, House, Visitor
from tests.login.codes import STEP, code_of, wrong_code

TOTP = "/api/totp"
LATER = timedelta(minutes=11)


async def set_up(house: House, device: Device) -> tuple[str, list[str]]:
    """Set up an app as its person does: its secret, and the recovery codes."""
    offer = (await device.ask("POST", TOTP)).body
    code = code_of(offer["secret"], house.clock.now() - STEP)
    done = await device.ask(
        "POST", f"{TOTP}/confirm", {"challenge": offer["challenge"], "code": code}
    )
    assert done.status == 200, done.body
    return offer["secret"], done.body["recoveryCodes"]


async def factors(device: Device) -> Any:
    answer = await device.ask("GET", "/api/factors")
    assert answer.status == 200
    return answer.body


async def test_given_nothing_then_the_list_is_empty_and_says_what_the_policy_wants(
    house: House, laptop: Device
) -> None:
    assert await factors(laptop) == {"items": [], "recoveryCodes": 0, "mode": "offered"}
    house.policies.append(Policy(mfa=MfaPolicy(mode="required")))
    assert (await factors(laptop))["mode"] == "required"


async def test_given_an_app_when_its_first_code_is_right_then_it_counts_and_is_audited(
    house: House, laptop: Device
) -> None:
    secret, codes = await set_up(house, laptop)

    listed = await factors(laptop)
    assert [one["kind"] for one in listed["items"]] == ["totp"]
    assert (listed["recoveryCodes"], len(codes)) == (10, 10)
    assert secret not in str(listed)
    entry = (await latest(house))[0]
    assert (entry["action"], entry["details"]) == ("user.factor_added", {"kind": "totp"})
    assert entry["actor"]["ipAddress"] == "203.0.113.9"
    assert await laptop.is_signed_in()


async def test_given_a_wrong_first_code_then_403_with_the_next_challenge_and_nothing_counts(
    house: House, laptop: Device
) -> None:
    offer = (await laptop.ask("POST", TOTP)).body
    wrong = {
        "challenge": offer["challenge"],
        "code": wrong_code(offer["secret"], house.clock.now()),
    }

    refused = await laptop.ask("POST", f"{TOTP}/confirm", wrong)
    used_up = await laptop.ask("POST", f"{TOTP}/confirm", wrong)

    assert (refused.status, refused.code) == (403, "invalid_code")
    assert refused.body["challenge"] != offer["challenge"]
    assert (used_up.status, used_up.code) == (403, "challenge_invalid")
    assert (await factors(laptop))["items"] == []


async def test_given_an_old_proof_then_every_change_asks_for_a_fresh_one(
    house: House, laptop: Device
) -> None:
    secret, _ = await set_up(house, laptop)
    house.clock.moved = LATER

    calls = [
        ("POST", TOTP, None),
        ("POST", f"{TOTP}/confirm", {"challenge": "x", "code": "000000"}),
        ("DELETE", "/api/factors/totp", None),
        ("POST", "/api/recovery-codes", None),
    ]
    for method, path, body in calls:
        answer = await laptop.ask(method, path, body)
        assert (answer.status, answer.code) == (403, "reauth_required"), path
        assert (await latest(house))[0]["reason"] == "reauth_required"
    code = code_of(secret, house.clock.now())
    proven = await laptop.ask("POST", "/api/reauth", {"password": PASSWORD, "code": code})
    assert proven.status == 204


async def test_given_a_second_factor_then_the_password_alone_is_no_fresh_proof(
    house: House, laptop: Device
) -> None:
    secret, codes = await set_up(house, laptop)

    alone = await laptop.ask("POST", "/api/reauth", {"password": PASSWORD})
    wrong = await laptop.ask(
        "POST",
        "/api/reauth",
        {"password": PASSWORD, "code": wrong_code(secret, house.clock.now())},
    )
    right = await laptop.ask("POST", "/api/reauth", {"password": PASSWORD, "code": codes[0]})

    assert (alone.status, alone.code) == (403, "second_factor_required")
    assert (wrong.status, wrong.code) == (403, "invalid_code")
    assert right.status == 204


async def test_given_the_factor_when_it_is_removed_then_the_password_is_enough_again(
    house: House, laptop: Device
) -> None:
    await set_up(house, laptop)

    removed = await laptop.ask("DELETE", "/api/factors/totp")

    assert (removed.status, removed.body["items"]) == (200, [])
    assert (await latest(house))[0]["action"] == "user.factor_removed"
    assert (await laptop.ask("DELETE", "/api/factors/totp")).status == 404
    again = await Visitor(laptop.visitor.client).sign_in("alice")
    assert again.status == 200


async def test_given_a_role_that_needs_one_when_the_last_is_removed_then_409_and_it_stays(
    house: House, laptop: Device
) -> None:
    await set_up(house, laptop)
    house.policies.append(Policy(mfa=MfaPolicy(mode="required")))

    refused = await laptop.ask("DELETE", "/api/factors/totp")

    assert (refused.status, refused.code) == (409, "factor_required")
    assert len((await factors(laptop))["items"]) == 1
    entry = (await latest(house))[0]
    assert (entry["action"], entry["outcome"]) == ("user.factor_removed", "refused")
    await set_up(house, laptop)


async def test_given_a_role_for_which_they_are_off_then_none_is_set_up(
    house: House, laptop: Device
) -> None:
    offer = (await laptop.ask("POST", TOTP)).body
    house.policies.append(Policy(mfa=MfaPolicy(mode="off")))

    begun = await laptop.ask("POST", TOTP)
    code = code_of(offer["secret"], house.clock.now())
    confirmed = await laptop.ask(
        "POST", f"{TOTP}/confirm", {"challenge": offer["challenge"], "code": code}
    )

    assert (begun.status, begun.code) == (403, "forbidden")
    assert (confirmed.status, confirmed.code) == (403, "forbidden")


async def test_given_new_recovery_codes_then_they_are_ten_others_and_audited(
    house: House, laptop: Device
) -> None:
    without = await laptop.ask("POST", "/api/recovery-codes")
    _, codes = await set_up(house, laptop)

    renewed = await laptop.ask("POST", "/api/recovery-codes")

    assert (without.status, without.code) == (409, "factor_missing")
    assert len(set(renewed.body["recoveryCodes"]) - set(codes)) == 10
    assert (await latest(house))[0]["action"] == "user.recovery_codes_made"


@pytest.mark.parametrize(
    "body", [{}, {"challenge": "x"}, {"code": "1"}, {"challenge": "", "code": "1"}, {"code": 7}]
)
async def test_given_a_first_code_that_says_too_little_then_400(
    laptop: Device, body: dict[str, object]
) -> None:
    answer = await laptop.ask("POST", f"{TOTP}/confirm", body)

    assert (answer.status, answer.code) == (400, "invalid_input")
