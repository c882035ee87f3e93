import json
from enum import StrEnum
from typing import Annotated, Literal

import pytest
from msgspec import Meta, field

from sidecar.front.input_faults import faults_in, faults_of
from sidecar.front.inputs import Input

SENT = "hunter2-hunter2"


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Inner(Input, frozen=True):
    some_text: str


class Given(Input, frozen=True):
    user_name: Annotated[str, Meta(min_length=2, max_length=8)]
    kind: Literal["one", "two"] = "one"
    colour: Colour | None = None
    count: Annotated[int, Meta(ge=1, le=9)] = 1
    inner: tuple[Inner, ...] = ()
    numbers: dict[str, int] = field(default_factory=dict)
    either: str | bool = ""


class Strict(Input, frozen=True, forbid_unknown_fields=True):
    name: str = ""
    letters: Annotated[str, Meta(pattern="^[a-z]*$")] = ""


def found(**members: object) -> dict[str, str]:
    """Return the faults of a body that is right but for these members: field to message."""
    faults = faults_of(json.dumps({"userName": "alice", **members}).encode(), Given)
    return {fault.field: fault.message for fault in faults}


@pytest.mark.parametrize(
    ("member", "value", "field", "message"),
    [
        ("userName", 7, "userName", "Expected a string, got a whole number."),
        ("userName", "a", "userName", "Expected a string of length >= 2."),
        ("userName", SENT, "userName", "Expected a string of length <= 8."),
        ("kind", SENT, "kind", "Expected one of: one, two."),
        ("colour", SENT, "colour", "Expected one of: red, blue."),
        ("count", 10, "count", "Expected a whole number <= 9."),
        ("count", 1.5, "count", "Expected a whole number, got a number."),
        ("count", True, "count", "Expected a whole number, got true or false."),
        ("either", None, "either", "Expected true or false or a string, got null."),
        ("inner", {}, "inner", "Expected an array, got an object."),
        ("inner", [{"someText": ""}, {}], "inner.1.someText", "This member is missing."),
        ("inner", [{"someText": 1}], "inner.0.someText", "Expected a string, got a whole number."),
        ("numbers", {SENT: "x"}, "numbers", "Expected a whole number, got a string."),
    ],
)
def test_given_a_wrong_member_then_it_is_named_and_nothing_of_it_is_repeated(
    member: str, value: object, field: str, message: str
) -> None:
    assert found(**{member: value}) == {field: message}


def test_given_several_wrong_members_then_all_of_them_are_named() -> None:
    body = json.dumps({"kind": 1, "count": 0}).encode()

    assert [fault.field for fault in faults_of(body, Given)] == ["userName", "kind", "count"]


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 60_000, b'{"userName": "\\ud800"}'])
def test_given_no_json_then_the_whole_is_at_fault(body: bytes) -> None:
    [fault] = faults_of(body, Given)

    assert (fault.field, fault.message) == ("", "This is no JSON in UTF-8.")


@pytest.mark.parametrize("body", [b"[]", b"null", b'"text"', b"1"])
def test_given_no_object_then_one_is_asked_for(body: bytes) -> None:
    [fault] = faults_of(body, Given)

    assert (fault.field, fault.message) == ("", "Expected an object.")


def test_given_a_member_too_many_where_none_may_be_then_its_name_is_not_repeated() -> None:
    [fault] = faults_of(json.dumps({SENT: 1}).encode(), Strict)

    assert fault.field == ""
    assert SENT not in fault.message


def test_given_a_slip_in_a_name_where_none_may_be_unknown_then_the_fault_names_it() -> None:
    faults = faults_of(b'{"nmae": 1, "name": 2}', Strict)

    assert [fault.field for fault in faults] == ["name", "nmae"]
    assert faults[1].message == "This is not known here."


def test_given_the_text_of_a_query_then_it_is_read_as_what_it_should_be() -> None:
    right = {"userName": "alice", "count": "9"}
    wrong = {"userName": "alice", "count": "10", "kind": "three"}

    faults = faults_in(wrong, Given, strict=False)

    assert faults_in(right, Given, strict=False)[0].field == ""
    assert {fault.field: fault.message for fault in faults} == {
        "count": "Expected a whole number <= 9.",
        "kind": "Expected one of: one, two.",
    }


def test_given_a_text_of_another_form_then_no_pattern_is_quoted() -> None:
    (fault,) = faults_in({"letters": SENT}, Strict)

    assert fault.field == "letters"
    assert fault.message == "This text has not the form that is described in openapi.json."
