"""Going through the thread: around a message, into a gap, and looking for words."""

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.http import require_GET

from conversations import thread
from conversations.contracts import Agent
from conversations.errors import NotFound
from conversations.panel.access import for_agent
from conversations.panel.forms import GapForm, WordsForm
from conversations.panel.fragments import conversation_or_none
from conversations.panel.situation import zone_of
from conversations.thread_rows import Gap
from conversations.thread_search import search


@require_GET
@for_agent
def around(_request: HttpRequest, agent: Agent, message_id: int) -> HttpResponse:
    """The thread around a message, however far up it is, and its end."""
    conversation = conversation_or_none(agent)
    if conversation is None:
        return HttpResponse(status=404)
    try:
        shown = thread.around(conversation, message_id, zone=zone_of(agent))
    except NotFound:
        return HttpResponse(status=404)
    return HttpResponse(render_to_string("panel/around.html", {"thread": shown, "agent": agent}))


@require_GET
@for_agent
def later(request: HttpRequest, agent: Agent) -> HttpResponse:
    """Rows after those around a message, up to the end of the thread."""
    form, conversation = GapForm(request.GET), conversation_or_none(agent)
    if conversation is None:
        return HttpResponse(status=404)
    if not form.is_valid():
        return HttpResponse(status=400)
    gap = Gap(form.cleaned_data["after"], form.cleaned_data["before"])
    shown = thread.later(conversation, gap, zone=zone_of(agent))
    context = {"thread": shown, "gap": gap, "agent": agent}
    return HttpResponse(render_to_string("panel/later.html", context))


@require_GET
@for_agent
def find(request: HttpRequest, agent: Agent) -> HttpResponse:
    """Messages with all of some words, newest first."""
    form, conversation = WordsForm(request.GET), conversation_or_none(agent)
    if conversation is None:
        return HttpResponse(status=404)
    if not form.is_valid():
        return HttpResponse(status=400)
    query, before = form.cleaned_data["q"], form.cleaned_data["before"]
    found = search(conversation, query, before=before, zone=zone_of(agent))
    context = {"found": found, "query": query, "before": before}
    return HttpResponse(render_to_string("panel/search_results.html", context))
