"""The routes of people's second factors, as rows of the same kind as `routes.py` has."""

from sidecar.admin import factors
from sidecar.core.api_route import ApiRoute
from sidecar.core.audit import Action
from sidecar.core.factor_shapes import FactorList
from sidecar.core.shapes import UserShape
from sidecar.core.users import Role

_OF_PERSON = "/api/admin/users/{id}/factors"

FACTOR_ROUTES: tuple[ApiRoute, ...] = (
    ApiRoute(
        "GET",
        _OF_PERSON,
        Role.VIEWER,
        factors.list_factors,
        FactorList,
        "List a person's second factors",
        codes=("not_found",),
    ),
    ApiRoute(
        "DELETE",
        _OF_PERSON,
        Role.ADMIN,
        factors.reset_factors,
        UserShape,
        "Remove all second factors and recovery codes of a person; their sessions go on",
        action=Action.USER_FACTORS_RESET,
        step_up="roles",
        codes=("not_found", "forbidden"),
    ),
)
