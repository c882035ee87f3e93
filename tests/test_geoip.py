"""Where addresses are, from a database in MaxMind's format."""

import sys
from pathlib import Path

import pytest

from sidecar.core.alarm_facts import Place
from sidecar.geoip import check_places, open_places
from sidecar.process import StartRefused
from tests.places import write_places

CITIES = {
    "192.0.2.0/24": ("Berlin", "DE", 52.52, 13.4),
    "2001:db8::/32": ("Tokyo", "JP", 35.68, 139.69),
}


def test_given_a_database_when_addresses_are_looked_up_then_it_says_where_they_are(
    tmp_path: Path,
) -> None:
    path = write_places(tmp_path / "city.mmdb", CITIES)
    check_places(path)
    check_places(None)

    places = open_places(path)

    assert places.locate("192.0.2.77") == Place(52.52, 13.4, 20, "Berlin, DE")
    assert places.locate("2001:db8::5") == Place(35.68, 139.69, 20, "Tokyo, JP")
    assert places.locate("198.51.100.1") is None
    assert places.locate("unix") is None
    places.close()


@pytest.mark.parametrize(
    ("content", "problem"),
    [(None, "no such file or directory"), (b"no database", "no database in MaxMind's format")],
)
def test_given_a_file_that_is_no_database_then_it_says_so_before_it_starts(
    content: bytes | None, problem: str, tmp_path: Path
) -> None:
    path = tmp_path / "city.mmdb"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(StartRefused, match=problem):
        check_places(path)


def test_given_a_database_that_knows_no_cities_then_it_says_which_one_to_take(
    tmp_path: Path,
) -> None:
    path = write_places(tmp_path / "asn.mmdb", CITIES, kind="GeoLite2-ASN")

    with pytest.raises(StartRefused, match="GeoLite2-City"):
        check_places(path)


def test_given_that_the_extra_is_not_installed_then_it_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "geoip2.database", None)

    with pytest.raises(StartRefused, match=r"session-sidecar\[geoip\]"):
        check_places(tmp_path / "city.mmdb")
