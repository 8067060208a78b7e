"""What agents see of each other: a light question and its answer beside the panel's updates."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.http import require_http_methods

from conversations.contracts import Agent
from conversations.panel.access import for_agent
from conversations.panel.forms import PresenceForm
from conversations.services.attention import Colleagues, colleagues_of, leave, note_presence


@require_http_methods(["GET", "POST"])
@for_agent
def presence(request: HttpRequest, agent: Agent) -> HttpResponse:
    """Who else is here; by POST, say that the agent is, writes, or has left."""
    form = PresenceForm(request.GET if request.method == "GET" else request.POST)
    if not form.is_valid():
        return HttpResponse(status=400)
    told = form.cleaned_data
    if request.method == "GET":
        return _answer(colleagues_of(agent), told["present"])
    if told["left"]:
        leave(agent)
        return HttpResponse(status=204)
    typed = None if told["typed"] is None else timedelta(milliseconds=told["typed"])
    return _answer(note_presence(agent, typed=typed), told["present"])


def _answer(colleagues: Colleagues, mark: str) -> HttpResponse:
    if colleagues.mark == mark:
        return HttpResponse(status=204)
    return HttpResponse(render_to_string("panel/presence.html", {"colleagues": colleagues}))
