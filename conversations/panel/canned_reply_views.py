"""One of the site's own texts in the chooser: as it will be inserted, and noted as used."""

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from conversations.contracts import Agent
from conversations.errors import DomainError
from conversations.panel.access import for_agent
from conversations.panel.refusals import status_of
from conversations.services.canned_replies import VARIABLES, fill_canned_reply, note_use
from conversations.template_words import language_words


@require_http_methods(["GET", "POST"])
@for_agent
def canned_reply(request: HttpRequest, agent: Agent, reply_id: int) -> HttpResponse:
    """The text with its values, and what is missing; by POST, the agent has inserted it."""
    try:
        if request.method == "POST":
            note_use(agent, reply_id)
            return HttpResponse(status=204)
        filled = fill_canned_reply(agent, reply_id)
    except DomainError as refused:
        return HttpResponse(status=status_of(refused))
    language = filled.reply.language
    context = {
        "filled": filled,
        "missing": [(name, VARIABLES[name]) for name in filled.missing],
        "about": language_words(language) if language else _("For any language"),
    }
    return HttpResponse(render_to_string("panel/canned_reply.html", context))
