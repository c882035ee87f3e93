import pytest

from sidecar.core.trace_context import Trace, may_pass, onward_field, read_trace

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
VALID = f"00-{TRACE}-{SPAN}-01".encode()


@pytest.mark.parametrize(("flags", "sampled"), [("00", False), ("01", True), ("03", True)])
def test_given_a_valid_field_when_it_is_read_then_its_ids_and_its_flag_are_known(
    flags: str, sampled: bool
) -> None:
    assert read_trace(f"00-{TRACE}-{SPAN}-{flags}".encode()) == Trace(TRACE, SPAN, sampled)


def test_given_a_later_version_with_more_when_it_is_read_then_what_is_known_of_it_counts() -> None:
    assert read_trace(f"cc-{TRACE}-{SPAN}-01-what-the-future".encode()) == Trace(TRACE, SPAN, True)


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"00",
        VALID + b"-more",
        VALID + b" ",
        VALID + b", " + VALID,
        VALID.upper(),
        VALID.replace(b"00-", b"ff-", 1),
        f"00-{'0' * 32}-{SPAN}-01".encode(),
        f"00-{TRACE}-{'0' * 16}-01".encode(),
        f"00-{TRACE}-{SPAN}-1".encode(),
        f"cc-{TRACE}-{SPAN}-01more".encode(),
        f"00-{TRACE[:-1]}g-{SPAN}-01".encode(),
        VALID + b"\n",
    ],
)
def test_given_a_field_that_is_not_valid_when_it_is_read_then_it_counts_as_not_sent(
    value: bytes,
) -> None:
    assert read_trace(value) is None


@pytest.mark.parametrize(
    ("state", "passes"),
    [(b"a=1,b=2", True), (b"x" * 1024, True), (b"x" * 1025, False), ("ü".encode(), False)],
)
def test_given_a_state_when_it_is_looked_at_then_only_a_short_one_of_ascii_passes(
    state: bytes, passes: bool
) -> None:
    assert may_pass(state) is passes


@pytest.mark.parametrize(("sampled", "flags"), [(True, "01"), (False, "00")])
def test_given_spans_of_ours_when_the_upstream_is_told_then_its_parent_is_the_onward_one(
    sampled: bool, flags: str
) -> None:
    trace = Trace(TRACE, SPAN, sampled, span_id="1" * 16, onward_id="2" * 16)

    field = onward_field(trace)

    assert field == f"traceparent: 00-{TRACE}-{'2' * 16}-{flags}\r\n".encode()
    assert read_trace(field[13:-2]) == Trace(TRACE, "2" * 16, sampled)
