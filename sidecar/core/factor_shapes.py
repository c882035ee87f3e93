"""The JSON shapes of second factors. What is secret in them is answered once."""

from typing import Literal

from sidecar.core.factors import Factors, Offer, Qr
from sidecar.core.policy import FactorMode
from sidecar.core.shapes import Instant, Number, Shape, instant, instant_or_none


class FactorShape(Shape, frozen=True):
    id: str
    kind: Literal["totp"]
    created_at: Instant
    last_used_at: Instant | None


class FactorList(Shape, frozen=True):
    """recovery_codes: how many are left. mode: what the policy says of the person's role."""

    items: tuple[FactorShape, ...]
    recovery_codes: Number
    mode: FactorMode


class QrShape(Shape, frozen=True):
    """size: of the sides. path: the dark dots, as the `d` of an SVG path in those units."""

    size: Number
    path: str


class TotpOffer(Shape, frozen=True):
    """A new app. challenge: to be sent back with its first code. Nobody is told this again."""

    challenge: str
    secret: str
    uri: str
    qr: QrShape
    expires_at: Instant


class RecoveryCodes(Shape, frozen=True):
    """recovery_codes: each works once; none if there are some from before. Nobody is told them
    again."""

    recovery_codes: tuple[str, ...]


def factor_list(factors: Factors, mode: FactorMode) -> FactorList:
    return FactorList(
        items=tuple(
            FactorShape(
                id=one.id,
                kind=one.kind.value,
                created_at=instant(one.created_at),
                last_used_at=instant_or_none(one.last_used_at),
            )
            for one in factors.items
        ),
        recovery_codes=factors.recovery_codes,
        mode=mode,
    )


def qr_shape(qr: Qr) -> QrShape:
    return QrShape(size=qr.size, path=qr.path)


def offer_shape(offer: Offer) -> TotpOffer:
    return TotpOffer(
        challenge=offer.challenge,
        secret=offer.secret,
        uri=offer.uri,
        qr=qr_shape(offer.qr),
        expires_at=instant(offer.expires_at),
    )
