"""A QR code as one SVG path: pages draw it without a style, a script or an image from elsewhere."""

from sidecar.core.factors import Qr

_QUIET = 4
"""Light dots on each side, ISO/IEC 18004 section 6.3.8."""


def qr_of(text: str) -> Qr:
    import segno  # few people ever see one

    rows = segno.make(text, error="m", micro=False).matrix
    path = []
    for y, row in enumerate(rows, start=_QUIET):
        start = None
        for x, dark in enumerate([*row, 0], start=_QUIET):
            if dark and start is None:
                start = x
            elif not dark and start is not None:
                path.append(f"M{start} {y}h{x - start}v1h-{x - start}z")
                start = None
    return Qr(len(rows) + 2 * _QUIET, "".join(path))
