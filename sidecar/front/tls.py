"""TLS of the listener: TLS 1.2 or newer, and a certificate that is read again when it changes."""

import asyncio
import logging
import ssl
from datetime import timedelta
from pathlib import Path

log = logging.getLogger(__name__)

_CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""Of TLS 1.2: forward secret and authenticated. Source: RFC 9325 section 4.2."""

_Seen = tuple[tuple[int, int, int], ...]


class CertificateInvalid(Exception):
    """The certificate and key cannot be used. `str` is one line for people."""


class ServerTls:
    """The context of the listener. New handshakes use the newest good pair of files."""

    def __init__(self, certificate: Path, key: Path) -> None:
        """Read both files. Raises CertificateInvalid."""
        self._certificate = certificate
        self._key = key
        self._seen = self._look()
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        self.context.set_ciphers(_CIPHERS)
        self.context.set_alpn_protocols(["http/1.1"])
        self.context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
        self._load(self.context)

    def reload(self) -> None:
        """Read the files again. Raises CertificateInvalid; then the old pair stays in use."""
        self._seen = self._look()
        # A pair that does not match would leave the live context with halves of two pairs.
        self._load(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
        self._load(self.context)

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

    def _load(self, context: ssl.SSLContext) -> None:
        try:
            context.load_cert_chain(self._certificate, self._key, password=_no_password)
        except ssl.SSLError as error:
            reason = (error.reason or "not readable as PEM").replace("_", " ").lower()
            raise CertificateInvalid(
                f"cannot use {self._certificate} with {self._key}: {reason}"
            ) from None
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


def _no_password() -> str:
    """An encrypted key would make OpenSSL ask on the terminal; an empty answer refuses it."""
    return ""
