"""The site's own texts among which an agent chooses: found, filled in, and noted as used."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Max, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations.contracts import Agent, Channel
from conversations.errors import NotFound, SendingRefused
from conversations.models import CannedReply, CannedReplyUse, Conversation
from conversations.own_texts import VARIABLE, name_in, names_in
from conversations.services.outgoing import conversation_of, require_right_to_reply
from conversations.services.template_search import ALL_TAGS, MOST_FOUND
from conversations.templates import Span

VARIABLES = {
    "customer.name": gettext_lazy("Customer's name"),
    "request.key": gettext_lazy("Request"),
    "agent.name": gettext_lazy("Your name"),
}


@dataclass(frozen=True)
class FoundReply:
    """A text in the chooser; `used_at` is when this agent used it last."""

    reply: CannedReply
    used_at: datetime | None


@dataclass(frozen=True)
class FilledReply:
    """A text with its values; `missing` are the variables whose value nobody knows."""

    reply: CannedReply
    spans: tuple[Span, ...]
    missing: tuple[str, ...]


def search_canned_replies(
    agent: Agent, *, channel: Channel, query: str = "", language: str = ""
) -> list[FoundReply]:
    """Return the texts for the channel or for any, those first that the agent used last.

    Every word of `query` stands in the name, in the text or in a tag. One that is in no language
    is there for each; one more than are shown says that there are more.
    """
    offered = _offered(channel)
    if language:
        offered = offered.filter(language__in=["", language])
    for word in query.split():
        held = Q(name__icontains=word) | Q(text__icontains=word) | Q(all_tags__icontains=word)
        offered = offered.annotate(all_tags=ALL_TAGS).filter(held)
    used_at = Max("uses__used_at", filter=Q(uses__account_id=agent.account_id))
    found = offered.annotate(used_at=used_at).order_by(
        F("used_at").desc(nulls_last=True), "name", "language", "channel", "pk"
    )
    return [FoundReply(reply, reply.used_at) for reply in found[: MOST_FOUND + 1]]


def languages_of_canned_replies(channel: Channel) -> list[str]:
    """Return the codes of the languages that texts for the channel are in."""
    offered = _offered(channel).exclude(language="").order_by()
    return sorted(offered.values_list("language", flat=True).distinct())


def fill_canned_reply(agent: Agent, reply_id: int) -> FilledReply:
    """Return a text with what we know in it. Raises NotFound or SendingRefused."""
    conversation = conversation_of(agent)
    require_right_to_reply(agent, conversation)
    reply = CannedReply.objects.filter(pk=reply_id).first()
    if reply is None:
        raise NotFound(_("This text was deleted. Choose another one."))
    values = _values(agent, conversation)
    missing = tuple(name for name in names_in(reply.text) if name in VARIABLES and not values[name])
    return FilledReply(reply, _spans(reply.text, values), missing)


def note_use(agent: Agent, reply_id: int) -> None:
    """Remember that the agent took a text just now: it is offered first. Raises NotFound."""
    if not CannedReply.objects.filter(pk=reply_id).exists():
        raise NotFound(_("This text was deleted. Choose another one."))
    CannedReplyUse.objects.update_or_create(
        account_id=agent.account_id, reply_id=reply_id, defaults={"used_at": timezone.now()}
    )


def require_filled(text: str) -> None:
    """Refuse a text in which a variable stands that nobody has filled in."""
    open_names = [name for name in names_in(text) if name in VARIABLES]
    if open_names:
        raise SendingRefused(
            _("%(variable)s is not filled in. Write what belongs there, or remove it.")
            % {"variable": f"{{{{{open_names[0]}}}}}"},
            code="not-filled-in",
        )


def _offered(channel: Channel) -> QuerySet[CannedReply]:
    return CannedReply.objects.filter(channel__in=["", channel])


def _values(agent: Agent, conversation: Conversation) -> dict[str, str]:
    known = {
        "customer.name": conversation.customer.name,
        "request.key": conversation.issue_key or agent.issue_key,
        "agent.name": agent.name,
    }
    return {name: " ".join(value.split()) for name, value in known.items()}


def _spans(text: str, values: Mapping[str, str]) -> tuple[Span, ...]:
    # One pass from left to right: a value that looks like a variable is not filled in again.
    spans, done = [], 0
    for found in VARIABLE.finditer(text):
        name = name_in(found)
        if name not in values:
            continue
        value = values[name]
        spans += [
            Span(text[done : found.start()]),
            Span(value or f"{{{{{name}}}}}", variable=name, filled=bool(value)),
        ]
        done = found.end()
    return tuple(span for span in [*spans, Span(text[done:])] if span.text)
