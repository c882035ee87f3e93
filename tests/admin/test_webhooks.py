"""The API of the webhooks: who may, what it takes, and that a secret is told once."""

import pytest

from tests.admin.staff import Person

URL = "https://hooks.example.com/in"


async def test_given_an_admin_when_an_endpoint_is_added_then_its_secret_is_in_that_answer_only(
    admin: Person, viewer: Person
) -> None:
    body = {"url": URL, "types": ["session.revoked"], "description": "SIEM"}
    made = await admin.post("/webhooks", body)
    webhook = made.body["webhook"]
    path = f"/webhooks/{webhook['id']}"
    listed, shown = await viewer.get("/webhooks"), await viewer.get(path)
    changed = await admin.patch(path, {"types": [], "enabled": False})
    rotated = await admin.post(f"{path}/rotate-secret")

    assert made.status == 201
    assert made.body["secret"].startswith("whsec_")
    assert shown.body == listed.body["items"][0] == webhook
    assert webhook["status"] == "healthy"
    assert (changed.body["types"], changed.body["status"]) == ([], "disabled")
    assert changed.body["disabledBy"] == "admin"
    assert rotated.body["secret"] not in ("", made.body["secret"])
    assert rotated.body["webhook"]["previousSecretUntil"]
    for answer in (listed, shown, changed, await viewer.get(f"{path}/deliveries")):
        assert "whsec_" not in str(answer.body)
    audit = await viewer.get("/audit", limit=200)
    assert "whsec_" not in str(audit.body)


async def test_given_a_disabled_endpoint_then_nothing_can_be_sent_until_it_is_enabled(
    admin: Person,
) -> None:
    webhook = (await admin.post("/webhooks", {"url": URL})).body["webhook"]
    path = f"/webhooks/{webhook['id']}"
    await admin.patch(path, {"enabled": False})
    refused = await admin.post(f"{path}/test")
    again = await admin.post(f"{path}/deliveries/1-0-00/redeliver")
    await admin.patch(path, {"enabled": True})
    sent = await admin.post(f"{path}/test")
    unknown = await admin.post(f"{path}/deliveries/1-0-00/redeliver")
    gone = await admin.delete(path)

    assert (refused.status, refused.code) == (409, "webhook_disabled")
    assert (again.status, again.code) == (409, "webhook_disabled")
    assert sent.status == 200
    assert sent.body["deliveryId"].startswith("test-")
    assert unknown.status == 404
    assert (gone.status, gone.body["id"]) == (200, webhook["id"])
    assert (await admin.get(path)).status == 404


@pytest.mark.parametrize("role", ["viewer", "user"])
async def test_given_a_lower_role_when_it_acts_then_it_is_refused_and_that_is_audited(
    admin: Person, viewer: Person, user: Person, role: str
) -> None:
    webhook = (await admin.post("/webhooks", {"url": URL})).body["webhook"]
    path = f"/webhooks/{webhook['id']}"
    person = {"viewer": viewer, "user": user}[role]
    answers = [
        await person.post("/webhooks", {"url": URL}),
        await person.patch(path, {"enabled": False}),
        await person.post(f"{path}/rotate-secret"),
        await person.post(f"{path}/test"),
        await person.post(f"{path}/deliveries/1-0-00/redeliver"),
        await person.delete(path),
    ]

    assert {answer.status for answer in answers} == {403}
    entries = (await viewer.get("/audit", userId=person.id, limit=50)).body["items"]
    refused = [entry for entry in entries if entry["outcome"] == "refused"]
    assert [entry["action"] for entry in reversed(refused)] == [
        "webhook.created", "webhook.updated", "webhook.secret_rotated", "webhook.test_sent",
        "webhook.redelivered", "webhook.deleted",
    ]  # fmt: skip
    assert {entry["details"].get("webhook") for entry in refused} == {None, webhook["id"]}
    assert (await person.get("/webhooks")).status == (200 if role == "viewer" else 403)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "url"),
        ({"url": "http://example.com/"}, None),
        ({"url": "https://10.0.0.1/"}, "url"),
        ({"url": "https://u:p@example.com/"}, "url"),
        ({"url": "x" * 2049}, "url"),
        ({"url": URL, "types": ["user.flown"]}, "types.0"),
        ({"url": URL, "types": "user.created"}, "types"),
        ({"url": URL, "description": "\u202e"}, "description"),
        ({"url": URL, "secret": "whsec_mine"}, "secret"),
    ],
)
async def test_given_input_that_cannot_be_used_then_the_field_is_named(
    admin: Person, body: dict[str, object], field: str | None
) -> None:
    answer = await admin.post("/webhooks", body)

    if field is None:
        assert answer.status == 201  # the settings of this house allow it
    else:
        assert (answer.status, answer.fields) == (400, [field])


async def test_given_a_url_that_leads_inwards_then_the_try_is_in_the_audit_log(
    admin: Person,
) -> None:
    assert (await admin.post("/webhooks", {"url": "https://169.254.169.254/"})).status == 400

    entry = (await admin.get("/audit", action="webhook.created", limit=1)).body["items"][0]
    assert (entry["outcome"], entry["reason"]) == ("refused", "invalid_input")


async def test_given_too_many_endpoints_then_there_is_no_further_one(admin: Person) -> None:
    for _ in range(50):
        assert (await admin.post("/webhooks", {"url": URL})).status == 201

    refused = await admin.post("/webhooks", {"url": URL})
    page = await admin.get("/webhooks", limit=20, offset=40)

    assert (refused.status, refused.code) == (409, "too_many_webhooks")
    entry = (await admin.get("/audit", action="webhook.created", limit=1)).body["items"][0]
    assert (entry["outcome"], entry["reason"]) == ("refused", "too_many_webhooks")
    assert (len(page.body["items"]), page.body["total"]) == (10, 50)


async def test_given_ids_that_nothing_has_then_it_is_404(admin: Person) -> None:
    for path in ("/webhooks/e", "/webhooks/e/deliveries", "/webhooks/%3Cscript%3E"):
        assert (await admin.get(path)).status == 404
    for path in ("rotate-secret", "test", "deliveries/x/redeliver"):
        assert (await admin.post(f"/webhooks/e/{path}")).status == 404
