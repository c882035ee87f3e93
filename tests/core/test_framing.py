"""One reading of where a message ends, or none (cases S-23, S-26 to S-30, S-37, S-38, S-40)."""

import pytest

from sidecar.core.framing import METHODS, framing_fault
from sidecar.core.headers import RequestHead, forwardable
from sidecar.core.refusals import Refusal

HOST = (b"Host", b"app.example")


def fault(
    *fields: tuple[bytes, bytes], method: str = "POST", version: tuple[int, int] = (1, 1)
) -> Refusal | None:
    head = forwardable(fields)
    assert isinstance(head, RequestHead)
    return framing_fault(method, version, head)


@pytest.mark.parametrize("version", [(1, 0), (1, 1)])
def test_given_an_ordinary_request_then_there_is_no_fault(version: tuple[int, int]) -> None:
    assert fault(HOST, (b"Content-Length", b"3"), version=version) is None


def test_given_chunks_in_1_1_then_there_is_no_fault() -> None:
    assert fault(HOST, (b"Transfer-Encoding", b"Chunked")) is None


def test_s26_given_a_length_and_chunks_then_it_is_refused() -> None:
    fields = [HOST, (b"Content-Length", b"3"), (b"Transfer-Encoding", b"chunked")]

    assert fault(*fields) is Refusal.LENGTH_AND_CODING


@pytest.mark.parametrize(
    "coding", [b"xchunked", b"chunked, chunked", b"identity", b"chunked, gzip", b"", b"chunked;a"]
)
def test_s28_given_a_coding_that_is_not_chunked_at_the_end_then_it_is_refused(
    coding: bytes,
) -> None:
    refusal = fault(HOST, (b"Transfer-Encoding", coding))

    assert refusal is Refusal.CODING_INVALID
    assert refusal.status == 400


@pytest.mark.parametrize(
    "lines", [[b"gzip, chunked"], [b"gzip", b"chunked"], [b"identity,chunked"]]
)
def test_s29_given_another_coding_before_chunked_then_it_is_not_implemented(
    lines: list[bytes],
) -> None:
    refusal = fault(HOST, *((b"Transfer-Encoding", line) for line in lines))

    assert refusal is Refusal.CODING_UNKNOWN
    assert refusal.status == 501


def test_s30_given_chunks_in_1_0_then_it_is_refused() -> None:
    assert fault(HOST, (b"Transfer-Encoding", b"chunked"), version=(1, 0)) is Refusal.CODING_IN_1_0


@pytest.mark.parametrize("version", [(0, 9), (1, 2), (2, 0), (3, 0)])
def test_s37_given_another_version_then_it_is_refused(version: tuple[int, int]) -> None:
    refusal = fault(HOST, version=version)

    assert refusal is Refusal.VERSION
    assert refusal.status == 505


def test_s38_given_no_host_then_only_1_0_may_do_without() -> None:
    assert fault() is Refusal.HOST_MISSING
    assert fault(version=(1, 0)) is None


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PRI", "FOO", "get", ""])
def test_s23_given_a_method_that_is_never_proxied_then_it_is_refused(method: str) -> None:
    refusal = fault(HOST, method=method)

    assert refusal is Refusal.METHOD
    assert refusal.status == 405


@pytest.mark.parametrize("method", sorted(METHODS))
def test_given_a_method_that_applications_use_then_there_is_no_fault(method: str) -> None:
    assert fault(HOST, method=method) is None


@pytest.mark.parametrize("lines", [[b"foo"], [b"100-continue, foo"], [b"100-continue"] * 2])
def test_s40_given_an_expectation_that_nobody_can_meet_then_it_fails(lines: list[bytes]) -> None:
    refusal = fault(HOST, *((b"Expect", line) for line in lines))

    assert refusal is Refusal.EXPECTATION
    assert refusal.status == 417


def test_s40_given_a_client_that_waits_then_there_is_no_fault() -> None:
    assert fault(HOST, (b"Expect", b"100-Continue")) is None


def test_s40_given_an_expectation_in_1_0_then_it_counts_as_not_sent() -> None:
    assert fault(HOST, (b"Expect", b"foo"), version=(1, 0)) is None
