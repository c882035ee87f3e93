"""`POST {mount}/language`: what the menu at the foot of our pages sends, also without scripts."""

from aiohttp import web

from sidecar.core.return_to import safe_return_to
from sidecar.front.inputs import Refused, read_form
from sidecar.front.problem import FieldFault, invalid_input
from sidecar.front.replies import see_other
from sidecar.front.services import SERVICES


async def choose(request: web.Request) -> web.Response:
    """Remember the language and go back to the page, which is one of this origin or the first."""
    languages = request.app[SERVICES].pages.languages
    form = await read_form(request)
    language = form.get("language")
    if not languages.is_offered(language):
        raise Refused(invalid_input(FieldFault("language", "There is no such language here.")))
    reply = see_other(request, safe_return_to(form.get("back")))
    reply.headers["Set-Cookie"] = languages.cookie(language)
    return reply
