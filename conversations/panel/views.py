"""The panel's views: a document without identity, and HTML for whoever holds a session."""

from collections.abc import Callable
from functools import wraps
from urllib.parse import urlsplit

from csp.decorators import csp_replace, csp_update
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET, require_POST

from conversations.contracts import Agent, Channel
from conversations.errors import DomainError
from conversations.panel import fragments
from conversations.panel.access import for_agent, speaking
from conversations.panel.emoji import EMOJI
from conversations.panel.forms import (
    ChannelForm,
    DraftForm,
    EarlierForm,
    MessageForm,
    PlaceForm,
    RouteForm,
    SeenForm,
)
from conversations.panel.refusals import refusal
from conversations.services import lifecycle
from conversations.services import resend as resending
from conversations.services.drafts import save_draft
from conversations.services.presence import note_seen, note_typing
from conversations.services.read_marks import mark_read
from conversations.services.replies import send_reply

STREAM_ORIGIN = "{0.scheme}://{0.netloc}".format(urlsplit(settings.STREAM_URL))


def for_frame(view: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponseBase]:
    """Let a view give the document of a frame in Jira: who may embed it, what it may reach.

    It comes in the language that its address names.
    """

    @wraps(view)
    def spoken(request: HttpRequest) -> HttpResponse:
        with speaking(request.GET.get("lang", "")):
            return view(request)

    reach = csp_update({"connect-src": STREAM_ORIGIN, "media-src": "'self'"})
    ancestors = csp_replace({"frame-ancestors": settings.PANEL_FRAME_ANCESTORS})
    return require_GET(reach(ancestors(cache_control(no_cache=True)(spoken))))


@for_frame
def document(_request: HttpRequest) -> HttpResponse:
    """The frame's page: the same for everybody, so nothing in it may say who is asking."""
    parents = " ".join(settings.PANEL_PARENT_ORIGINS)
    context = {"parent_origins": parents, "emoji": EMOJI}
    return HttpResponse(render_to_string("panel/document.html", context))


@require_GET
@for_agent
def view(_request: HttpRequest, agent: Agent) -> HttpResponse:
    """The whole panel: head, thread, composer."""
    return fragments.whole(agent)


@require_GET
@for_agent
def updates(request: HttpRequest, agent: Agent) -> HttpResponse:
    """What has changed since the page asked last: the answer to a ring and to the clock alike."""
    place = PlaceForm(request.GET)
    if not place.is_valid():
        return HttpResponse(status=400)
    return fragments.changes(agent, place)


@require_GET
@for_agent
def earlier(request: HttpRequest, agent: Agent) -> HttpResponse:
    """Rows before the oldest one on the screen."""
    form = EarlierForm(request.GET)
    if not form.is_valid():
        return HttpResponse(status=400)
    return fragments.earlier(agent, form.cleaned_data["before"])


@require_POST
@for_agent
def messages(request: HttpRequest, agent: Agent) -> HttpResponse:
    """Send what the agent wrote; the same client id twice is one message."""
    form, place = MessageForm(request.POST), PlaceForm(request.POST)
    if not form.is_valid():
        words = _("This message cannot be sent. Shorten it, or reload the page.")
        return fragments.changes(agent, place, status=422, refusal=words)
    given = form.cleaned_data
    try:
        send_reply(
            agent,
            text=given["text"] or "",
            client_id=given["client_id"],
            sender_id=given["sender"],
            address_id=given["address"],
            attachment_ids=given["attachments"],
            quoted_id=given["quoted"],
            confirmed=given["confirmed"],
        )
    except DomainError as refused:
        return refusal(agent, place, refused)
    return fragments.changes(agent, place)


@require_POST
@for_agent
def resend(request: HttpRequest, agent: Agent, message_id: int) -> HttpResponse:
    """Another attempt for a message that was not delivered."""
    return _move(request, agent, lambda agent: resending.resend(agent, message_id))


@require_POST
@for_agent
def send_over(request: HttpRequest, agent: Agent, message_id: int) -> HttpResponse:
    """The same over another channel."""
    form = ChannelForm(request.POST)
    if not form.is_valid():
        return HttpResponse(status=422)
    channel, agreed = Channel(form.cleaned_data["channel"]), form.cleaned_data["confirmed"]
    return _move(
        request,
        agent,
        lambda agent: resending.send_over(agent, message_id, channel, confirmed=agreed),
    )


@require_POST
@for_agent
def seen(request: HttpRequest, agent: Agent) -> HttpResponse:
    """The agent looks at what the customer wrote, or has read it."""
    form = SeenForm(request.POST)
    if not form.is_valid():
        return HttpResponse(status=422)
    if form.cleaned_data["upto"] is None:
        note_seen(agent)
    else:
        mark_read(agent, form.cleaned_data["upto"])
    return HttpResponse(status=204)


@require_POST
@for_agent
def typing(request: HttpRequest, agent: Agent) -> HttpResponse:
    """The agent is writing."""
    form = RouteForm(request.POST)
    if not form.is_valid():
        return HttpResponse(status=422)
    note_typing(agent, form.cleaned_data["sender"], form.cleaned_data["address"])
    return HttpResponse(status=204)


@require_POST
@for_agent
def draft(request: HttpRequest, agent: Agent) -> HttpResponse:
    """Keep what the agent has typed so far."""
    form = DraftForm(request.POST)
    if not form.is_valid():
        return HttpResponse(status=422)
    save_draft(agent, form.cleaned_data["text"] or "", anew=form.cleaned_data["anew"])
    return HttpResponse(status=204)


@require_POST
@for_agent
def pause(request: HttpRequest, agent: Agent) -> HttpResponse:
    """Let the customer's next message open a new request."""
    return _move(request, agent, lifecycle.pause)


@require_POST
@for_agent
def resume(request: HttpRequest, agent: Agent) -> HttpResponse:
    """Let the customer's next message come to this request again."""
    return _move(request, agent, lifecycle.resume)


@require_POST
@for_agent
def move_here(request: HttpRequest, agent: Agent) -> HttpResponse:
    """The same, while another request has the customer's messages now."""
    return _move(request, agent, lifecycle.move_here)


def _move(request: HttpRequest, agent: Agent, move: Callable[[Agent], object]) -> HttpResponse:
    place = PlaceForm(request.POST)
    try:
        move(agent)
    except DomainError as refused:
        return refusal(agent, place, refused)
    return fragments.changes(agent, place)
