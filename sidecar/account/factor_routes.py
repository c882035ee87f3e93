"""The routes of second factors, in self-service."""

from sidecar.account.factors import (
    FirstCodeBody,
    begin_totp,
    confirm_totp,
    list_own_factors,
    remove_factor,
    renew_recovery_codes,
)
from sidecar.core.api_route import ApiRoute
from sidecar.core.audit import Action
from sidecar.core.factor_shapes import FactorList, RecoveryCodes, TotpOffer
from sidecar.core.users import Role

_FACTORS = "/api/factors"

FACTOR_ROUTES: tuple[ApiRoute, ...] = (
    ApiRoute(
        "GET",
        _FACTORS,
        Role.USER,
        list_own_factors,
        FactorList,
        "List your second factors",
    ),
    ApiRoute(
        "POST",
        "/api/totp",
        Role.USER,
        begin_totp,
        TotpOffer,
        "Get the secret of an app to set up, this once; nothing is changed before its first code",
        action=Action.USER_FACTOR_ADDED,
        target="own",
        codes=("reauth_required", "forbidden"),
    ),
    ApiRoute(
        "POST",
        "/api/totp/confirm",
        Role.USER,
        confirm_totp,
        RecoveryCodes,
        "Let the app count, with its first code; one from before goes",
        body=FirstCodeBody,
        action=Action.USER_FACTOR_ADDED,
        target="own",
        codes=("reauth_required", "forbidden"),
        as_forbidden=("invalid_code", "challenge_invalid"),
    ),
    ApiRoute(
        "DELETE",
        f"{_FACTORS}/{{id}}",
        Role.USER,
        remove_factor,
        FactorList,
        "Remove a second factor; with the last one go the recovery codes",
        action=Action.USER_FACTOR_REMOVED,
        target="own",
        codes=("reauth_required", "not_found", "factor_required"),
    ),
    ApiRoute(
        "POST",
        "/api/recovery-codes",
        Role.USER,
        renew_recovery_codes,
        RecoveryCodes,
        "Make recovery codes anew, answered this once; those from before end",
        action=Action.USER_RECOVERY_CODES_MADE,
        target="own",
        codes=("reauth_required", "factor_missing"),
    ),
)
