"""Sign-ins from devices that are new: a person sees them, and says whether it was they.

Whoever stole the password is signed in as that person, too. So nobody is shown the notice of the
device that they ask from, and only a device that awaits no answer itself may vouch for another.
"""

from sidecar.account.desk import AccountDesk
from sidecar.core.call_refusal import CallRefused
from sidecar.core.caller import Caller
from sidecar.core.given import Paged
from sidecar.core.notices import Notice, NoticeGone
from sidecar.core.session import Handle
from sidecar.core.shapes import DeviceShape, NoticeAnswer, NoticeList, NoticeShape, instant


async def list_notices(desk: AccountDesk, caller: Caller, query: Paged) -> NoticeList:
    """New devices of whoever asks, except the one they ask from; the newest first."""
    found = await desk.notices.of_user(caller.user_id)
    live = {session.handle for session in await desk.sessions.of_user(caller.user_id)}
    others = [notice for notice in found if caller.handle not in notice.sessions]
    trusted = len(others) == len(found)
    return NoticeList(
        items=tuple(
            _shape(notice, live, trusted)
            for notice in others[query.offset : query.offset + query.limit]
        ),
        total=len(others),
        limit=query.limit,
        offset=query.offset,
    )


async def confirm_notice(desk: AccountDesk, caller: Caller, handle: str) -> NoticeAnswer:
    """It was they."""
    try:
        await desk.notices.confirm(caller.user_id, Handle(handle), caller.handle, caller.actor)
    except NoticeGone:
        raise CallRefused("not_found") from None
    return NoticeAnswer(revoked=0, change_password=False)


async def disown_notice(desk: AccountDesk, caller: Caller, handle: str) -> NoticeAnswer:
    """It was not they: what was opened from there ends, and the password is known to somebody."""
    try:
        revoked = await desk.notices.disown(
            caller.user_id, Handle(handle), caller.handle, caller.actor
        )
    except NoticeGone:
        raise CallRefused("not_found") from None
    return NoticeAnswer(revoked=revoked, change_password=True)


def _shape(notice: Notice, live: set[Handle], trusted: bool) -> NoticeShape:
    device = notice.device
    return NoticeShape(
        id=notice.handle,
        device=DeviceShape(
            label=device.label, browser=device.browser, os=device.os, type=device.type
        ),
        ip_address=notice.ip_address,
        seen_at=instant(notice.seen_at),
        sessions=len(live.intersection(notice.sessions)),
        state="waiting" if notice.disowned_at is None else "disowned",
        confirmable=trusted and notice.disowned_at is None,
    )
