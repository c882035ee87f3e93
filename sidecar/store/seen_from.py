"""What the script that opens a session is told of the device that it is on (lua/devices.lua)."""

from sidecar.core.audit import Action, Actor, AuditEntry, Target
from sidecar.core.known_device import DeviceMarks
from sidecar.core.policy import Policy
from sidecar.core.session import Session
from sidecar.store.audit import entry_fields
from sidecar.store.codec import span_ms


def seen_from(
    session: Session, marks: DeviceMarks, policy: Policy, actor: Actor
) -> dict[str, object]:
    """Return the script's `device`. A notice says what the session was opened with."""
    device = session.device
    target = Target(session.user_id, session.username, session.handle)
    details = {"device": device.label}
    return {
        "known": list(marks.known),
        "fresh": marks.fresh,
        "remembered": span_ms(policy.new_devices.remembered),
        "notice": policy.new_devices.notice,
        "entry": entry_fields(AuditEntry(Action.DEVICE_FIRST_SEEN, actor, target, details=details)),
        "told": {
            "l": device.label,
            "b": device.browser,
            "o": device.os,
            "y": device.type,
            "i": session.ip_address,
        },
    }
