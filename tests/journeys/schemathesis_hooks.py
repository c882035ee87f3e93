"""How schemathesis is somebody at the product: loaded by it, in its own process.

It acts as an owner, and whatever it tries ends sessions, deletes people and changes passwords. So
before each call it is made sure that the owner is signed in and that there is somebody to act on,
and that the owner does not lock themselves out by their own id or by a forgotten password.
"""

import json
import os
from http.client import HTTPConnection
from typing import Any, cast
from urllib.parse import urlsplit

import schemathesis

ORIGIN = os.environ["PRODUCT_ORIGIN"]
PASSWORD = os.environ["PRODUCT_PASSWORD"]
MOUNT = "/_sidecar"
DRIVER, VICTIM = "driver", "victim"


class Owner:
    """The session that schemathesis has."""

    def __init__(self) -> None:
        self.cookie = self.id = ""
        self.password = PASSWORD

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any, str]:
        connection = HTTPConnection(urlsplit(ORIGIN).netloc, timeout=30)
        headers = {"Origin": ORIGIN, "Cookie": self.cookie, "Content-Type": "application/json"}
        data = json.dumps(body) if body is not None else None
        connection.request(method, MOUNT + path, data, headers)
        answer = connection.getresponse()
        content = json.loads(answer.read())
        connection.close()
        return answer.status, content, (answer.headers["Set-Cookie"] or "").partition(";")[0]

    def be_signed_in(self) -> None:
        if self.cookie and self.ask("GET", "/api/session")[0] == 200:
            return
        self.cookie = ""
        status, content, self.cookie = self.ask(
            "POST", "/login", {"username": DRIVER, "password": self.password}
        )
        if status != 200:
            raise AssertionError(f"{DRIVER} could not sign in: {content['code']}")
        self.id = content["session"]["user"]["id"]

    def victim(self) -> str:
        """Return the id of somebody to act on."""
        self.be_signed_in()
        _, found, _ = self.ask("GET", f"/api/admin/users?q={VICTIM}")
        if found["items"]:
            return str(found["items"][0]["id"])
        person = {"username": VICTIM, "password": PASSWORD, "role": "user"}
        return str(self.ask("POST", "/api/admin/users", person)[1]["id"])

    def victims_session(self) -> str:
        """Return the id of a session to end."""
        attempt = Owner()
        self.ask("POST", f"/api/admin/users/{self.victim()}/unban")
        body = {"username": VICTIM, "password": PASSWORD}
        status, content, _ = attempt.ask("POST", "/login", body)
        return str(content["session"]["id"]) if status == 200 else "h" * 30

    def agent(self) -> str:
        """Return the id of software that acts for the owner."""
        body = {"name": "bot", "scopes": ["GET /wiki/**"]}
        status, content, _ = self.ask("POST", "/api/agents", body)
        return str(content["agent"]["id"]) if status == 201 else "h" * 30

    def another_session(self) -> str:
        """Return the id of one more session of the owner, on another device."""
        self.ask("DELETE", "/api/sessions")
        device, body = Owner(), {"username": DRIVER, "password": self.password}
        status, content, _ = device.ask("POST", "/login", body)
        return str(content["session"]["id"]) if status == 200 else "h" * 30


OWNER = Owner()
Case = schemathesis.Case[Any]


@schemathesis.auth()
class SignedIn:
    """Puts the cookie where the schema says that one is needed."""

    def get(self, case: Case, context: schemathesis.AuthContext) -> str:
        OWNER.be_signed_in()
        return OWNER.cookie

    def set(self, case: Case, data: str, context: schemathesis.AuthContext) -> None:
        name, _, value = data.partition("=")
        case.cookies = {**(case.cookies or {}), name: value}


@schemathesis.hook
def before_call(context: schemathesis.HookContext, case: Case, kwargs: dict[str, Any]) -> None:
    """Aim at the victim: instead of the owner always, instead of nobody every other time."""
    body = case.body if isinstance(case.body, dict) else {}
    # Wrong passwords in a row would lock the owner.
    if str(body.get("username")).casefold() == DRIVER:
        body["username"] = VICTIM
    if case.path == "/api/reauth" and isinstance(body.get("password"), str):
        body["password"] = OWNER.password
    if case.path == "/api/password" and isinstance(body.get("current"), str):
        body["current"] = OWNER.password
    given = (case.path_parameters or {}).get("id")
    if given is None or not isinstance(given, str):
        return
    nobody = given.isascii() and sum(given.encode()) % 2 == 0
    if "/users/" in case.path and (given == OWNER.id or nobody):
        case.path_parameters["id"] = OWNER.victim()
    elif case.path == "/api/sessions/{id}" and nobody:
        case.path_parameters["id"] = OWNER.another_session()
    elif "/agents/" in case.path and nobody:
        case.path_parameters["id"] = OWNER.agent()
    elif "/sessions/" in case.path and nobody:
        case.path_parameters["id"] = OWNER.victims_session()


@schemathesis.hook
def after_call(context: schemathesis.HookContext, case: Case, response: Any) -> None:
    """Keep the new password and the cookie that comes with it."""
    if case.path == "/api/password" and response.status_code == 204:
        OWNER.password = cast("dict[str, str]", case.body)["new"]
        OWNER.cookie = response.headers["set-cookie"][0].partition(";")[0]
