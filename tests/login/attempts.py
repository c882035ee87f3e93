"""Attempts to sign in that name only what matters to a test."""

from dataclasses import replace
from typing import Any

from sidecar.core.session import Session
from sidecar.login.entering import SignedIn, Visit
from sidecar.login.steps import Credentials, SignInResult
from tests.house import PASSWORD, House


async def attempt(
    house: House,
    username: str = "alice",
    password: str = PASSWORD,
    ip_address: str = "203.0.113.9",
    **more: Any,
) -> SignInResult:
    visit = replace(Visit(ip_address), **more)
    credentials = Credentials(username, password, visit)
    return await house.services.steps.sign_in(credentials, house.policies[-1])


async def signed_in(house: House, username: str = "alice", **more: Any) -> Session:
    result = await attempt(house, username, **more)
    assert isinstance(result, SignedIn)
    return result.session
