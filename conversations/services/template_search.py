"""The templates among which an agent chooses, and what is at hand to fill them in."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, F, Func, Q, TextField, Value, When
from django.utils.translation import gettext as _

from conversations.contracts import Agent, MessageKind
from conversations.models import Message, MessageTemplate
from conversations.services.outgoing import conversation_of
from conversations.templates import Structure

MOST_FOUND = 100
# Of the newest messages of the site: who used a template long ago does not look for it first.
LOOK_BACK = 20_000
MOST_LOOKED_AT = 50
ALL_TAGS = Func(F("tags"), Value("\n"), function="array_to_string", output_field=TextField())
SEARCHED = (
    "name",
    "all_tags",
    "structure__body",
    "structure__footer",
    "structure__header__text",
)


@dataclass(frozen=True)
class FoundTemplate:
    """A template in the chooser; `used_at` is when this agent used it last, if that was lately."""

    template: MessageTemplate
    structure: Structure
    used_at: datetime | None


@dataclass(frozen=True)
class KnownValue:
    """What we know and an agent may want to fill in; offered, never filled in by itself."""

    label: str
    value: str


def search_templates(
    agent: Agent, *, sender_id: int, query: str = "", language: str = ""
) -> list[FoundTemplate]:
    """Return the sender's sendable templates, those first that the agent used last.

    Every word of `query` stands in the name, in the text or in a tag. One more than are shown says
    that there are more. Raises NotFound.
    """
    conversation_of(agent)
    offered = MessageTemplate.objects.sendable().filter(sender=sender_id)
    if language:
        offered = offered.filter(language=language)
    for word in query.split():
        offered = offered.annotate(all_tags=ALL_TAGS).filter(_holds(word))
    used = _used(agent, sender_id)
    if used:
        places = [
            When(name=name, language=code, then=Value(place))
            for place, (name, code) in enumerate(used)
        ]
        lately = Case(*places, default=Value(len(places)))
        offered = offered.order_by(lately, "name", "language", "pk")
    found = offered.defer("raw")[: MOST_FOUND + 1]
    return [
        FoundTemplate(
            each, Structure.from_json(each.structure), used.get((each.name, each.language))
        )
        for each in found
    ]


def languages_of(sender_id: int) -> list[str]:
    """Return the codes of the languages that a sender's sendable templates are in."""
    offered = MessageTemplate.objects.sendable().filter(sender=sender_id)
    return sorted(offered.order_by().values_list("language", flat=True).distinct())


def known_values(agent: Agent) -> list[KnownValue]:
    """Return what an agent may want to fill in. Raises NotFound."""
    conversation = conversation_of(agent)
    known = [
        KnownValue(_("Customer's name"), conversation.customer.name),
        KnownValue(_("Request"), conversation.issue_key or agent.issue_key),
    ]
    return [each for each in known if each.value]


def _holds(word: str) -> Q:
    held = Q()
    for name in SEARCHED:
        held |= Q(**{f"{name}__icontains": word})
    return held


def _used(agent: Agent, sender_id: int) -> dict[tuple[str, str], datetime]:
    """Return by name and language when the agent sent a template last, the newest first."""
    newest = Message.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    sent = Message.objects.filter(
        pk__gt=newest - LOOK_BACK,
        kind=MessageKind.TEMPLATE,
        author=agent.account_id,
        sender=sender_id,
    )
    told = sent.order_by("-pk").values_list("content__name", "content__language", "occurred_at")
    used: dict[tuple[str, str], datetime] = {}
    for name, language, at in told[:MOST_LOOKED_AT]:
        used.setdefault((name, language), at)
    return used
