"""The path draws the same dots that the library found, with a quiet zone around them."""

import re

import segno

from sidecar.login.qr import qr_of

ADDRESS = "otpauth://totp/wiki.example.com:alice?secret=" + "A" * 32 + "&issuer=wiki.example.com"


def test_given_an_address_then_the_path_has_exactly_the_dark_dots_of_its_code():
    qr = qr_of(ADDRESS)

    runs = re.findall(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z", qr.path)
    assert "".join(f"M{x} {y}h{n}v1h-{n}z" for x, y, n, _ in runs) == qr.path
    drawn = {(int(x) + dx - 4, int(y) - 4) for x, y, n, _ in runs for dx in range(int(n))}
    rows = segno.make(ADDRESS, error="m", micro=False).matrix
    dark = {(x, y) for y, row in enumerate(rows) for x, dot in enumerate(row) if dot}
    assert drawn == dark
    assert qr.size == len(rows) + 8
