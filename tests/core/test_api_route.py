from sidecar.core.api_route import ApiRoute
from sidecar.core.users import Role


async def nothing() -> None:
    """Do nothing."""


def test_given_a_path_then_the_row_says_whether_it_names_somebody() -> None:
    one = ApiRoute("GET", "/api/things/{id}", Role.USER, nothing, None, "Show a thing")
    all_of_them = ApiRoute("GET", "/api/things", Role.USER, nothing, None, "Show things")

    assert one.has_id
    assert not all_of_them.has_id


def test_given_a_path_with_several_places_then_the_row_names_them_in_order() -> None:
    row = ApiRoute("POST", "/api/things/{id}/parts/{partId}", Role.ADMIN, nothing, None, "Act")

    assert row.ids == ("id", "partId")
