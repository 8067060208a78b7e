"""The chooser: finding a template or one of the own texts; filling a template in, sending it."""

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from conversations.contracts import Agent
from conversations.errors import ConfirmationNeeded, DomainError
from conversations.models import MessageTemplate, SendingSettings
from conversations.panel import fragments
from conversations.panel.access import for_agent
from conversations.panel.forms import PlaceForm, SearchForm, TemplateForm
from conversations.panel.refusals import refusal, status_of
from conversations.services.choices import find_choices
from conversations.services.template_search import known_values
from conversations.services.templates import ValuesRefused, default_fallback, send_template
from conversations.template_words import category_words, language_words
from conversations.templates import Structure, preview, variables_of

REFUSAL_AT = "#unsent"


@require_http_methods(["GET", "POST"])
@for_agent
def templates(request: HttpRequest, agent: Agent) -> HttpResponse:
    """What fits what was typed; by POST, send a template."""
    return _send(request, agent) if request.method == "POST" else _found(request, agent)


@require_GET
@for_agent
def filling(_request: HttpRequest, agent: Agent, template_id: int) -> HttpResponse:
    """A template as the customer will see it, with what has to be filled in."""
    template = MessageTemplate.objects.sendable().filter(pk=template_id).first()
    if template is None or not agent.may_reply:
        return HttpResponse(status=404)
    try:
        known = known_values(agent)
    except DomainError:
        return HttpResponse(status=404)
    structure = Structure.from_json(template.structure)
    variables = variables_of(structure)
    fallback = SendingSettings.objects.current().sms_fallback
    context = {
        "template": template,
        "preview": preview(structure, {}),
        "variables": variables,
        "header_label": next((each.label for each in variables if each.file), _("Place")),
        "about": " · ".join(
            filter(None, (category_words(template), language_words(template.language)))
        ),
        "known": known,
        "fallback": default_fallback(template, {}) if fallback else None,
    }
    return HttpResponse(render_to_string("panel/filling.html", context))


def _found(request: HttpRequest, agent: Agent) -> HttpResponse:
    form = SearchForm(request.GET)
    if not form.is_valid():
        return HttpResponse(status=400)
    asked = form.cleaned_data
    try:
        found = find_choices(
            agent,
            sender_id=asked["sender"],
            address_id=asked["address"],
            query=asked["q"],
            language=asked["language"],
        )
    except DomainError as refused:
        return HttpResponse(status=status_of(refused))
    context = {
        "found": found,
        "count": len(found.recent) + len(found.others),
        "query": asked["q"],
        "language": asked["language"],
        "languages": [(code, language_words(code)) for code in found.languages],
    }
    return HttpResponse(render_to_string("panel/found.html", context))


def _send(request: HttpRequest, agent: Agent) -> HttpResponse:
    form, place = TemplateForm(request.POST), PlaceForm(request.POST)
    if not form.is_valid():
        words = _("This template cannot be sent. Choose it again, or reload the page.")
        return fragments.changes(agent, place, status=422, refusal=words, refusal_at=REFUSAL_AT)
    given = form.cleaned_data
    try:
        send_template(
            agent,
            template_id=given["template"],
            values=form.values(),
            attachment_id=given["attachment"],
            sms_fallback=(given["fallback_text"] or "") if given["fallback"] else None,
            confirmed=given["confirmed"],
            client_id=given["client_id"],
            sender_id=given["sender"],
            address_id=given["address"],
        )
    except ConfirmationNeeded as asked:
        return refusal(agent, place, asked)
    except DomainError as refused:
        return fragments.changes(
            agent,
            place,
            status=status_of(refused),
            refusal=str(refused),
            refusal_at=REFUSAL_AT,
            problems=refused.problems if isinstance(refused, ValuesRefused) else {},
        )
    return fragments.changes(agent, place)
