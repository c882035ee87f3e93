"""What the application is told about a person, checked as the README shows it."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.errors import BadSignatureError, InvalidClaimError
from joserfc.jwk import ECKey, KeySet

from tests.journeys.raw import RecordingUpstream, lay_out
from tests.journeys.running import MOUNT, PLAIN_COOKIE, Product

PASSWORD = "a long and unusual passphrase"
README = Path(__file__).parents[2] / "README.md"
IN_README = "http://localhost:8080"


@pytest.fixture(scope="module")
def product() -> Iterator[Product]:
    upstream = RecordingUpstream()
    upstream.start()
    product = Product(upstream, 'assertion_audience = "wiki"', public="http://localhost:{port}")
    product.start()
    groups = ("operations", "night shift")
    product.add_user("maria", PASSWORD, "admin", email="maria@corp.example", groups=groups)
    yield product
    product.remove()
    upstream.stop()


async def assertion(product: Product, token: str) -> str:
    """Ask for a page; return what the application was told."""
    await product.ask(lay_out("/page", ("Cookie", f"{PLAIN_COOKIE}={token}")))
    value = product.upstream.seen[-1].get("x-sidecar-assertion")
    assert value is not None
    return value.decode()


async def published(product: Product) -> KeySet:
    answer = await product.ask(lay_out(f"{MOUNT}/.well-known/jwks.json"))
    assert answer.status == 200
    assert answer.get("content-type") in (b"application/json", b"application/jwk-set+json")
    return KeySet.import_key_set(json.loads(answer.body))


async def test_given_the_example_of_the_readme_when_it_is_followed_then_it_names_the_person(
    product: Product,
) -> None:
    value = await assertion(product, await product.sign_in("maria", PASSWORD))
    examples = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    [example] = [text for text in examples if "joserfc" in text]
    assert IN_README in example

    done = subprocess.run(
        [sys.executable, "-"],
        input=f"header_value = {value!r}\n" + example.replace(IN_README, product.public),
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "maria ['operations', 'night shift']\n"


async def test_given_a_person_when_the_assertion_is_checked_then_it_says_all_that_the_session_does(
    product: Product,
) -> None:
    token = await product.sign_in("maria", PASSWORD)
    decoded = jwt.decode(
        await assertion(product, token), await published(product), algorithms=["ES256"]
    )

    claims = decoded.claims
    jwt.JWTClaimsRegistry(
        iss={"essential": True, "value": product.public},
        aud={"essential": True, "value": "wiki"},
        exp={"essential": True},
        iat={"essential": True},
    ).validate(claims)
    assert claims["exp"] - claims["iat"] == 60
    assert claims["sid"] == token.split(".")[2]
    listed = json.loads(product.command("users", "list", "--json").stdout)["items"]
    assert claims["sub"] == listed[0]["id"]
    assert (claims["username"], claims["role"]) == ("maria", "admin")
    assert claims["email"] == "maria@corp.example"
    assert claims["groups"] == ["operations", "night shift"]
    assert decoded.header["alg"] == "ES256"


async def test_given_an_assertion_when_anything_about_it_is_changed_then_it_is_no_good(
    product: Product,
) -> None:
    value = await assertion(product, await product.sign_in("maria", PASSWORD))
    keys = await published(product)
    head, body, signature = value.split(".")
    middle = len(body) // 2
    changed = body[:middle] + ("A" if body[middle] != "A" else "B") + body[middle + 1 :]
    kid = keys.keys[0].kid
    assert kid is not None
    other = ECKey.generate_key("P-256", {"kid": kid})
    forged = jwt.encode({"alg": "ES256", "kid": kid}, {"username": "root"}, other)

    for wrong in (f"{head}.{changed}.{signature}", forged):
        with pytest.raises((BadSignatureError, ValueError)):
            jwt.decode(wrong, keys, algorithms=["ES256"])
    elsewhere = jwt.JWTClaimsRegistry(aud={"essential": True, "value": "another application"})
    with pytest.raises(InvalidClaimError):
        elsewhere.validate(jwt.decode(value, keys, algorithms=["ES256"]).claims)


async def test_given_the_published_keys_when_they_are_read_then_nothing_private_is_among_them(
    product: Product,
) -> None:
    for key in (await published(product)).keys:
        public = key.as_dict()

        assert public.keys() >= {"kty", "crv", "x", "y", "kid", "alg", "use"}
        assert "d" not in public
        assert (public["alg"], public["use"]) == ("ES256", "sig")
