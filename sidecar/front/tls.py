"""TLS of the listener: TLS 1.2 or newer, and a certificate that is read again when it changes."""

import asyncio
import logging
import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from sidecar.observe.anonymous import anonymous_file, path_of

log = logging.getLogger(__name__)

_CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""Of TLS 1.2: forward secret and authenticated. Source: RFC 9325 section 4.2."""

_Seen = tuple[tuple[int, int, int], ...]


class CertificateInvalid(Exception):
    """The certificate and key cannot be used. `str` is one line for people."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate and its key as PEM. seen: the state that their files were in."""

    certificate: bytes
    key: bytes = field(repr=False)
    seen: _Seen


class ServerTls:
    """The context of the listener. New handshakes use the newest good pair of files.

    pair: what is in use.
    """

    def __init__(self, certificate: Path, key: Path, pair: Pair | None = None) -> None:
        """Read both files, or begin with a pair that was good, whatever they hold by now.

        Raises CertificateInvalid.
        """
        self._certificate = certificate
        self._key = key
        self.pair = pair or self._read()
        self._seen = self.pair.seen
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        self.context.set_ciphers(_CIPHERS)
        self.context.set_alpn_protocols(["http/1.1"])
        self.context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
        self._load(self.context, self.pair)

    def reload(self) -> None:
        """Read the files again. Raises CertificateInvalid; then the old pair stays in use."""
        self._seen = self._look()
        pair = self._read()
        # A pair that does not match would leave the live context with halves of two pairs.
        self._load(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), pair)
        self._load(self.context, pair)
        self.pair = pair

    async def watch(self, every: timedelta = timedelta(seconds=1)) -> None:
        """Reload when the files have changed, until cancelled.

        A change counts once two looks in a row have seen the same: certificate and key are two
        files, and nobody replaces both at one instant.
        """
        last = self._seen
        while True:
            await asyncio.sleep(every.total_seconds())
            now = await asyncio.to_thread(self._look)
            if now != self._seen and now == last:
                self._reload_and_tell()
            last = now

    def _reload_and_tell(self) -> None:
        try:
            self.reload()
        except CertificateInvalid as invalid:
            log.error("certificate_refused", extra={"problem": str(invalid)})
        else:
            log.info("certificate_reloaded", extra={"file": self._certificate})

    def _load(self, context: ssl.SSLContext, pair: Pair) -> None:
        """Load what was read, not the files: so what is in use is what is kept."""
        try:
            with _as_file(pair.certificate) as certificate, _as_file(pair.key) as key:
                context.load_cert_chain(certificate, key, password=_no_password)
        except ssl.SSLError as error:
            reason = (error.reason or "not readable as PEM").replace("_", " ").lower()
            raise CertificateInvalid(
                f"cannot use {self._certificate} with {self._key}: {reason}"
            ) from None

    def _read(self) -> Pair:
        seen = self._look()
        try:
            return Pair(self._certificate.read_bytes(), self._key.read_bytes(), seen)
        except OSError as error:
            reason = (error.strerror or "unreadable").lower()
            raise CertificateInvalid(
                f"cannot read {self._certificate} or {self._key}: {reason}"
            ) from None

    def _look(self) -> _Seen:
        """Return what tells one state of the files from another, without reading them."""
        try:
            stats = [file.stat() for file in (self._certificate, self._key)]
        except OSError:
            return ()
        return tuple((stat.st_mtime_ns, stat.st_size, stat.st_ino) for stat in stats)


@contextmanager
def _as_file(content: bytes) -> Iterator[Path]:
    """Give the content a path, which is all that OpenSSL's binding takes."""
    fd = anonymous_file("pem", content)
    try:
        yield path_of(fd)
    finally:
        os.close(fd)


def _no_password() -> str:
    """An encrypted key would make OpenSSL ask on the terminal; an empty answer refuses it."""
    return ""
