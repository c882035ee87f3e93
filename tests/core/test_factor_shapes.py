"""What is answered of second factors, and what never is."""

import json
from datetime import UTC, datetime

from msgspec import to_builtins

from sidecar.core.factor_shapes import factor_list, offer_shape, qr_shape
from sidecar.core.factors import Factor, FactorKind, Factors, Offer, Qr

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


def test_given_factors_then_the_list_has_what_they_are_and_no_secret():
    factors = Factors((Factor("totp", FactorKind.TOTP, NOW),), 7)

    assert json.loads(factor_list(factors, "required").json()) == {
        "items": [
            {
                "id": "totp",
                "kind": "totp",
                "createdAt": "2026-03-04T05:06:07.000Z",
                "lastUsedAt": None,
            }
        ],
        "recoveryCodes": 7,
        "mode": "required",
    }


def test_given_an_offer_then_its_shape_has_all_of_it_and_its_text_nothing():
    offer = Offer("challenge-text", "SECRET", "otpauth://x", Qr(29, "M4 4h1v1h-1z"), NOW)

    shape = to_builtins(offer_shape(offer))

    assert (shape["challenge"], shape["secret"], shape["uri"]) == (
        "challenge-text",
        "SECRET",
        "otpauth://x",
    )
    assert shape["qr"] == to_builtins(qr_shape(offer.qr))
    assert "SECRET" not in repr(offer)
    assert "challenge-text" not in repr(offer)
