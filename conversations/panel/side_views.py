"""The side panel's views: a document without identity, and HTML for whoever holds a session."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from conversations.contracts import Agent
from conversations.errors import DomainError
from conversations.panel import fragments
from conversations.panel.access import for_agent
from conversations.panel.forms import PlaceForm
from conversations.panel.refusals import FORBIDDEN
from conversations.panel.side import side_of
from conversations.panel.side_forms import (
    Numbers,
    NumbersForm,
    Problems,
    SidePlaceForm,
    numbers_refused,
    numbers_shown,
)
from conversations.panel.views import for_frame
from conversations.services.activation import ActivationRefused, activate


@for_frame
def document(_request: HttpRequest) -> HttpResponse:
    """The frame's page: the same for everybody, so nothing in it may say who is asking."""
    parents = " ".join(settings.PANEL_PARENT_ORIGINS)
    return HttpResponse(render_to_string("panel/side/document.html", {"parent_origins": parents}))


@require_GET
@for_agent
def view(request: HttpRequest, agent: Agent) -> HttpResponse:
    """What has changed since the page asked last; at first, everything."""
    place = SidePlaceForm(request.GET)
    if not place.is_valid():
        return HttpResponse(status=400)
    given = place.cleaned_data
    return side_changes(agent, seen=given["seen"], holding=given["holding"])


@require_POST
@for_agent
def save(request: HttpRequest, agent: Agent) -> HttpResponse:
    """Activate what the agent has chosen and typed; the side panel as it is then."""
    form = NumbersForm(request.POST)
    problems, status = _try(agent, form)
    if problems:
        shown = numbers_shown(agent, fragments.conversation_or_none(agent), may_change=True)
        refused = numbers_refused(shown, form, problems)
        return side_changes(agent, seen=request.POST.get("seen", ""), form=refused, status=status)
    return side_changes(agent, seen=_without_form(request.POST.get("seen", "")))


@require_POST
@for_agent
def begin(request: HttpRequest, agent: Agent) -> HttpResponse:
    """The same from the panel of a request without conversation; the panel as it is then."""
    form, place = NumbersForm(request.POST), PlaceForm(request.POST)
    problems, status = _try(agent, form)
    if problems and fragments.conversation_or_none(agent) is None:
        shown = numbers_shown(agent, None, may_change=True)
        refused = numbers_refused(shown, form, problems)
        return fragments.changes(agent, place, status=status, numbers=refused)
    return fragments.changes(agent, place, status=status)


def side_changes(
    agent: Agent,
    *,
    seen: str = "",
    holding: bool = False,
    form: Numbers | None = None,
    status: int = 200,
) -> HttpResponse:
    """Return the parts of the side panel that have changed; `form` is one that was refused."""
    conversation = fragments.conversation_or_none(agent)
    side = side_of(agent, conversation)
    parts, marks = side.changed_since(seen.split("."), holding=holding)
    if form is not None:
        parts["form"] = form
    if parts:
        page = render_to_string("panel/side/parts.html", parts)
        answer = HttpResponse(page, status=status)
    else:
        answer = HttpResponse(status=204)
    return fragments.stamped(answer, agent, conversation, side.state.value, marks)


def _without_form(seen: str) -> str:
    """What was typed may be written otherwise than what is stored: the form comes back anew."""
    top, _form, *rest = [*seen.split("."), ""]
    return ".".join([top, "", *rest])


def _try(agent: Agent, form: NumbersForm) -> tuple[Problems, int]:
    """Save; returns what is wrong, by field, and the status of an answer that says so."""
    if not form.is_valid():
        # Nobody types such a thing: the page is old, or it is not ours.
        form.cleaned_data = {**dict.fromkeys(form.fields, ""), "channels": [], **form.cleaned_data}
        return {None: _("This cannot be saved. Shorten the number, or reload the page.")}, 422
    try:
        activate(agent, numbers=form.numbers(), confirm=form.cleaned_data["confirm"])
    except ActivationRefused as refused:
        status = 403 if refused.code in FORBIDDEN else 422 if refused.code == "number" else 409
        return refused.problems, status
    except DomainError as refused:
        return {None: str(refused)}, 409
    return {}, 200
