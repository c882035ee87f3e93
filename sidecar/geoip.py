"""Where addresses are, from a database in MaxMind's format that the settings name.

The package that reads it is an extra (`session-sidecar[geoip]`), and is loaded by whoever evaluates
alarms, when there is a database.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from sidecar.core.alarm_facts import Place
from sidecar.process import StartRefused

if TYPE_CHECKING:
    from geoip2.database import Reader


class Places:
    """One open database. Without one, nothing of this is used."""

    def __init__(self, reader: "Reader") -> None:
        self._reader = reader

    def locate(self, address: str) -> Place | None:
        """Return where the address is, or None if the database does not say."""
        from geoip2.errors import AddressNotFoundError

        try:
            found = self._reader.city(address)
        except (AddressNotFoundError, ValueError):
            return None
        where = found.location
        if where.latitude is None or where.longitude is None:
            return None
        names = (found.city.name, found.country.iso_code)
        return Place(
            where.latitude,
            where.longitude,
            where.accuracy_radius or 0,
            ", ".join(name for name in names if name),
        )

    def close(self) -> None:
        self._reader.close()


def open_places(path: Path) -> Places:
    """Open the database of cities. Raises StartRefused where that is not possible."""
    try:
        from geoip2.database import Reader
        from maxminddb import InvalidDatabaseError
    except ImportError:
        raise StartRefused(
            "[geoip] database needs the package geoip2: pip install 'session-sidecar[geoip]'"
        ) from None
    try:
        reader = Reader(path)
    except OSError as error:
        problem = (error.strerror or "unreadable").lower()
    except InvalidDatabaseError:
        problem = "it is no database in MaxMind's format"
    else:
        if "city" in reader.metadata().database_type.lower():
            return Places(reader)
        reader.close()
        problem = "it knows no cities: take GeoLite2-City or GeoIP2-City"
    raise StartRefused(f"cannot use the places in {path}: {problem}")


def check_places(path: Path | None) -> None:
    """Raises StartRefused if there is to be a database that cannot be used."""
    if path is not None:
        open_places(path).close()
