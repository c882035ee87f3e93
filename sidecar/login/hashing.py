"""Hash and verify passwords without holding up a single proxied request.

One Argon2id hash takes 19 MiB and tens of milliseconds. They run in a pool of their own (one thread
per worker by default: argon2-cffi releases the GIL, and two threads would take a second core from
the proxy), at the lowest priority that still makes progress, so that the event loop always goes
first. What waits is bounded: when the queue is full, the answer is HashingBusy at once (503), which
costs nothing. So a flood of sign-ins slows sign-ins down, and nothing else.
Source: OWASP Password Storage Cheat Sheet, Argon2id with m=19456, t=2, p=1; cases S-76, S-79, S-80.
"""

import asyncio
import contextlib
import logging
import os
import secrets
import sys
import threading
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type

from sidecar.core.passwords import normalize_password

log = logging.getLogger(__name__)

_NICE = 10
_T = TypeVar("_T")


class HashingBusy(Exception):
    """Too many passwords wait already. Nothing was computed; come back in a moment."""

    retry_after = timedelta(seconds=2)


class Hashing:
    """Argon2id off the event loop, bounded in threads and in what waits for them."""

    def __init__(
        self,
        *,
        threads: int = 1,
        waiting: int = 256,
        memory_kib: int = 19_456,
        passes: int = 2,
    ) -> None:
        """threads: hashes at the same time. waiting: how many more may queue (256 take some
        seconds, which is how long a person still waits for a page)."""
        self._argon2 = PasswordHasher(
            time_cost=passes, memory_cost=memory_kib, parallelism=1, type=Type.ID
        )
        self._room = threads + waiting
        self._taken = 0
        self._pool = ThreadPoolExecutor(threads, "sidecar-hash", initializer=_step_back)
        self._nobodys = _hash_of_nobody(memory_kib, passes)

    async def hash_password(self, password: str) -> str:
        """Return the PHC string to store. Raises HashingBusy."""
        return await self._run(lambda: self._argon2.hash(_bytes(password)))

    async def verify_password(self, hash: str | None, password: str) -> bool:  # noqa: A002 - its name
        """Say whether `password` is the one behind `hash`. Raises HashingBusy.

        None, for a name that nobody has, costs the same and is never true: neither the answer nor
        its time tells whether a name exists.
        """
        return await self._run(lambda: self._verify(hash, password))

    def is_full(self) -> bool:
        """Say whether one more would be told to come back."""
        return self._taken >= self._room

    def needs_rehash(self, hash: str) -> bool:  # noqa: A002 - its name
        """Say whether `hash` was made with other parameters than those of today."""
        try:
            return self._argon2.check_needs_rehash(hash)
        except InvalidHashError:
            return False

    def close(self) -> None:
        """Take no more work and forget what waits."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _verify(self, stored: str | None, password: str) -> bool:
        try:
            self._argon2.verify(stored or self._nobodys, _bytes(password))
        except InvalidHashError:
            log.error("password_hash_unreadable")
            return self._verify(None, password)
        except VerificationError:
            return False
        return bool(stored)

    async def _run(self, work: Callable[[], _T]) -> _T:
        if self.is_full():
            raise HashingBusy
        self._taken += 1
        try:
            future = self._pool.submit(work)
        except RuntimeError as closed:
            self._taken -= 1
            raise HashingBusy from closed
        loop = asyncio.get_running_loop()
        future.add_done_callback(lambda _: self._leave(loop))
        return await asyncio.wrap_future(future)

    def _leave(self, loop: asyncio.AbstractEventLoop) -> None:
        """Give the place back on the loop's own thread, so that the count needs no lock.

        A hash whose caller went away keeps its place until its thread is free again.
        """
        with contextlib.suppress(RuntimeError):  # the loop is closed: so is everything else
            loop.call_soon_threadsafe(self._free)

    def _free(self) -> None:
        self._taken -= 1


def _bytes(password: str) -> bytes:
    return normalize_password(password).encode("utf-8", "surrogatepass")


def _hash_of_nobody(memory_kib: int, passes: int) -> str:
    """Return a PHC string of the same cost whose password nobody knows, without computing one.

    The tag is random: no password leads to it, except by breaking Argon2 itself.
    """
    salt, tag = (_unpadded(secrets.token_bytes(size)) for size in (16, 32))
    return f"$argon2id$v=19$m={memory_kib},t={passes},p=1${salt}${tag}"


def _unpadded(raw: bytes) -> str:
    return b64encode(raw).rstrip(b"=").decode("ascii")


def _step_back() -> None:
    """Lower the priority of this thread; on Linux each thread has its own."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
