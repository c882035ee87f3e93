"""The example of the README, run as it is shown."""

import json
import re
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from sidecar.clients.scim_users import ScimUsers
from sidecar.front.patience import Patience
from sidecar.front.scim_room import ScimRoom
from sidecar.scim_tokens import tokens_of
from tests.front.test_signal_example import README, run
from tests.house import a_house, served

SECTION = README.partition("## A directory keeps people up to date")[2].partition("\n## ")[0]


async def test_given_the_example_when_it_is_run_then_maria_is_added_and_switched_off(
    redis_url: str, tmp_path: Path
) -> None:
    made = re.search(r"`(openssl [^`]*)`", SECTION)
    shown = re.search(r"```sh\n(.*?)```", SECTION, re.DOTALL)
    assert made
    assert shown
    await run(made[1], tmp_path)
    hashes = [sha256(one.encode()).digest() for one in tokens_of(tmp_path / "scim.token")]
    async with a_house(redis_url) as house:
        room = ScimRoom(hashes, ScimUsers(house.users, "https://x"), Patience(lambda: 0.0))
        house.services = replace(house.services, scim=room)
        async with served(house) as client:
            here = str(client.make_url("")).rstrip("/")
            script = shown[1].replace("http://localhost:8080", here)

            said = (await run(script, tmp_path)).splitlines()

    added, found, changed = map(json.loads, said)
    assert added["active"] is True
    assert found["Resources"] == [added]
    assert changed == {**added, "active": False}
