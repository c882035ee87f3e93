"""The running product is what its openapi.json says: schemathesis asks it, and finds nothing."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.raw import RecordingUpstream
from tests.journeys.running import MOUNT, Product

HERE = Path(__file__).parent
PASSWORD = "a long and unusual passphrase"
# So many guesses come from one address that the brake on them would be all that is tested.
POLICY = "[lockout]\nfailures = 100\nper_ip = 1000000\n"


@pytest.fixture
def product() -> Iterator[Product]:
    upstream = RecordingUpstream()
    upstream.start()
    product = Product(
        upstream,
        'trusted_proxies = ["127.0.0.1/32"]',
        POLICY,
        '[redis]\ndeadline = "10s"\n',
        public="http://127.0.0.1:{port}",
    )
    product.start()
    for name, role in (("driver", "owner"), ("deputy", "owner"), ("victim", "user")):
        product.add_user(name, PASSWORD, role)
    yield product
    product.remove()
    upstream.stop()


@pytest.mark.timeout(600)
def test_given_the_running_product_when_schemathesis_asks_it_then_it_finds_no_failure(
    product: Product, tmp_path: Path
) -> None:
    origin = product.public
    words = [
        *("--config-file", str(HERE / "schemathesis.toml"), "run", f"{origin}{MOUNT}/openapi.json"),
        *("--url", f"{origin}{MOUNT}", "--header", f"Origin: {origin}"),
        *("--max-examples", "6", "--continue-on-failure", "--no-color"),
        *("--phases", "examples,coverage,fuzzing,stateful"),
        "--generation-deterministic",  # the same calls each time: a change is what makes it fail
    ]
    done = subprocess.run(
        [sys.executable, "-m", "schemathesis.cli", *words],
        env=os.environ
        | {
            "PYTHONPATH": str(HERE.parents[1]),
            "SCHEMATHESIS_HOOKS": "tests.journeys.schemathesis_hooks",
            "PRODUCT_ORIGIN": origin,
            "PRODUCT_PASSWORD": PASSWORD,
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert not product.upstream.received
    assert not [line for line in product.log_lines() if line.get("event") == "request_failed"]
    tested = re.search(r"Selected: (\d+)/(\d+)\s+Tested: (\d+)", done.stdout)
    assert tested, done.stdout
    assert len(set(tested.groups())) == 1
