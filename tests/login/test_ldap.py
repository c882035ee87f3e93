"""A directory in threads: no more of its calls at once than are allowed, and nobody told apart."""

import asyncio
import threading

import pytest

from sidecar.login.claims import ClaimNames
from sidecar.login.ldap import LdapDirectory, LdapOffer
from sidecar.login.ldap_wire import LdapRules
from sidecar.login.provider import Entry, Person, ProviderUnavailable

ANN = Entry("uid=ann,dc=x", "1", Person("ann"))


class Wire:
    """Answers when it is told to. asked: what it was asked to prove."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.asked: list[tuple[str, str]] = []
        self.within, self.most = 0, 0
        self._lock = threading.Lock()

    def proves(self, dn: str, password: str) -> bool:
        with self._lock:
            self.asked.append((dn, password))
            self.within += 1
            self.most = max(self.most, self.within)
        self.go.wait(5)
        with self._lock:
            self.within -= 1
        return password == "right"


def a_directory(wire: Wire, connections: int = 2) -> LdapDirectory:
    directory = LdapDirectory(
        LdapOffer("corp"), LdapRules((), "dc=x", ClaimNames()), connections=connections
    )
    directory._wire = wire  # type: ignore[assignment]
    return directory


async def test_given_many_at_once_then_few_are_asked_at_a_time_and_the_rest_come_back() -> None:
    wire = Wire()
    directory = a_directory(wire)
    asking = [asyncio.create_task(directory.proves(ANN, "right")) for _ in range(30)]
    await asyncio.sleep(0)

    wire.go.set()
    answers = await asyncio.gather(*asking, return_exceptions=True)

    assert wire.most <= 2
    assert [answer for answer in answers if answer is True] == [True] * 18
    assert sum(isinstance(answer, ProviderUnavailable) for answer in answers) == 12
    assert await directory.proves(ANN, "right")
    await directory.close()


async def test_given_nobody_then_the_directory_is_asked_about_nobody_with_nothing_of_theirs() -> (
    None
):
    wire = Wire()
    wire.go.set()
    directory = a_directory(wire)

    assert not await directory.proves(None, "right")

    ((dn, password),) = wire.asked
    assert dn.endswith(",dc=x")
    assert password != "right"
    await directory.close()


async def test_given_a_directory_that_is_closed_then_it_is_silent() -> None:
    directory = a_directory(Wire())
    await directory.close()

    with pytest.raises(ProviderUnavailable):
        await directory.proves(ANN, "right")
