"""Sending places, contacts, buttons and lists: a form for each, and what it becomes."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from conversations.contracts import Agent
from conversations.errors import DomainError
from conversations.panel import fragments
from conversations.panel.access import for_agent
from conversations.panel.forms import PlaceForm
from conversations.panel.refusals import status_of
from conversations.panel.rich_forms import (
    ButtonsForm,
    ContactForm,
    ListForm,
    LocationForm,
    RichForm,
)
from conversations.services import rich_parts

REFUSAL_AT = "#rich-refusal"


@dataclass(frozen=True)
class Kind:
    """What may be sent; `name` is that of its template."""

    name: str
    title: Promise
    form: type[RichForm]


KINDS = {
    kind.name: kind
    for kind in (
        Kind("location", gettext_lazy("Send a location"), LocationForm),
        Kind("contact", gettext_lazy("Send a contact"), ContactForm),
        Kind("buttons", gettext_lazy("Send reply buttons"), ButtonsForm),
        Kind("list", gettext_lazy("Send a list"), ListForm),
    )
}


@require_http_methods(["GET", "POST"])
@for_agent
def rich(request: HttpRequest, agent: Agent, name: str) -> HttpResponse:
    """The empty form of a kind; by POST, send what was filled in."""
    kind = KINDS.get(name)
    if kind is None or (request.method == "GET" and not agent.may_reply):
        return HttpResponse(status=404)
    if request.method == "POST":
        return _send(request, agent, kind)
    context = {
        "title": kind.title,
        "fields": f"panel/rich/{kind.name}.html",
        "limits": rich_parts,
        "phones": range(1, rich_parts.MOST_PHONES + 1),
        "buttons": range(1, rich_parts.MOST_BUTTONS + 1),
        "rows": range(1, rich_parts.MOST_ROWS + 1),
    }
    return HttpResponse(render_to_string("panel/rich/form.html", context))


def _send(request: HttpRequest, agent: Agent, kind: Kind) -> HttpResponse:
    form, place = kind.form(request.POST), PlaceForm(request.POST)
    if not form.is_valid():
        words = _("This cannot be sent. Shorten it, or reload the page.")
        return fragments.changes(agent, place, status=422, refusal=words, refusal_at=REFUSAL_AT)
    try:
        form.send(agent)
    except DomainError as refused:
        at = f"#p-rich-{form.field_of(refused.at)}" if refused.at else REFUSAL_AT
        return fragments.changes(
            agent, place, status=status_of(refused), refusal=str(refused), refusal_at=at
        )
    return fragments.changes(agent, place)
