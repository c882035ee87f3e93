"""The sinks of the audit log, put together for one worker. Every worker of every replica has them;
one at a time feeds each."""

import sys
from pathlib import Path

from sidecar.admin.answers import audit_shape
from sidecar.admin.audit import jsonl_line
from sidecar.core.audit import AuditEntry
from sidecar.core.audit_sinks import Sink, SinkAddress
from sidecar.observe.audit_forward import Forwarder
from sidecar.observe.sink_lines import FileSink, StreamSink
from sidecar.observe.sink_syslog import SyslogSink, tls_context
from sidecar.settings import AuditSettings
from sidecar.store.audit import Audit
from sidecar.store.database import Database
from sidecar.store.sink_place import StoredPlace


class Sinks:
    """All sinks of the settings."""

    def __init__(self, settings: AuditSettings, database: Database) -> None:
        audit = Audit(database)
        self._forwarders = [
            Forwarder(one.text, build_sink(one, settings), StoredPlace(database, one.text), audit)
            for one in settings.sinks
        ]

    def start(self) -> None:
        for forwarder in self._forwarders:
            forwarder.start()

    async def stop(self) -> None:
        for forwarder in self._forwarders:
            await forwarder.stop()


def build_sink(address: SinkAddress, settings: AuditSettings) -> Sink:
    if address.path is not None:
        return FileSink(Path(address.path), line, settings.file_max_size, settings.file_keep)
    if address.host is not None:
        context = tls_context(settings.syslog_ca) if address.tls else None
        return SyslogSink(address.host, lambda entry: line(entry)[:-1], context)
    return StreamSink(sys.stdout.fileno(), line)


def line(entry: AuditEntry) -> bytes:
    """Return an entry as the API and its export say it."""
    return jsonl_line(audit_shape(entry))
