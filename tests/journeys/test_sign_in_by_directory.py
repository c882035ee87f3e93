"""Signing in with the password of a directory that nobody here wrote, as the README shows how."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.raw import RecordingUpstream
from tests.journeys.running import MOUNT, Product
from tests.journeys.secrecy import note_password
from tests.journeys.waiting import until
from tests.login.slapd import PASSWORD, SEARCH_PASSWORD, Slapd, a_slapd, group, person

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Product, Slapd]]:
    note_password(SEARCH_PASSWORD)
    note_password(PASSWORD)
    (shown,) = re.findall(r"```toml\n(\[identity\.staff\].*?)```", README, re.DOTALL)
    upstream = RecordingUpstream()
    upstream.start()
    with a_slapd(tmp_path_factory.mktemp("slapd")) as slapd:
        tables = re.sub(r"urls = \[.*?\]", f'urls = ["{slapd.url}"]\ncheck_every = "1s"', shown)
        product = Product(upstream, tables=tables, public="http://localhost:{port}")
        (product.folder / "ldap-ca.pem").write_bytes(slapd.ca.read_bytes())
        (product.folder / "ldap-password").write_text(SEARCH_PASSWORD + "\n")
        product.start()
        yield product, slapd
        product.remove()
    upstream.stop()


async def test_given_the_readme_when_a_group_is_lost_then_the_session_ends_by_itself(
    places: tuple[Product, Slapd],
) -> None:
    product, slapd = places
    path = f"{MOUNT}/api/session"
    ann, ben = (product.session_of(name, PASSWORD) for name in ("ann", "ben"))
    status, told, _ = product.call("GET", path, token=ann)
    assert status == 200, told
    assert (told["user"]["role"], told["session"]["authMethod"]) == ("admin", "ldap")

    slapd.set(group("staff"), member=[person("ann")])

    async def is_over() -> bool:
        return bool(product.call("GET", path, token=ben)[0] == 401)

    await until(is_over, "the session of who is no longer in the group ends")
    _, refused, _ = product.call("GET", path, token=ben)
    assert refused["code"] == "session_revoked"
    assert product.call("GET", path, token=ann)[0] == 200
    ended = 'sidecar_sessions_ended_total{reason="provider_refused"}'
    assert product.metric(ended) == 1
