"""All that an agent may choose for a reply: own texts, and templates where the channel has them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from conversations.capabilities import CAPABILITIES
from conversations.contracts import Agent, Channel
from conversations.services.canned_replies import (
    languages_of_canned_replies,
    search_canned_replies,
)
from conversations.services.outgoing import (
    Route,
    conversation_of,
    require_right_to_reply,
    require_route,
    window_is_open,
)
from conversations.services.template_search import MOST_FOUND, languages_of, search_templates

MOST_RECENT = 5


@dataclass(frozen=True)
class Choice:
    """A row of the chooser. `language` is empty for any; a `template` is sent, a text inserted."""

    pk: int
    template: bool
    name: str
    language: str
    channels: tuple[Channel, ...]
    words: str
    used_at: datetime | None


@dataclass(frozen=True)
class Choices:
    """What fits; with `more` only the first of it are here. `templates`: the channel has some."""

    recent: list[Choice]
    others: list[Choice]
    more: bool
    languages: list[str]
    templates: bool


def find_choices(
    agent: Agent, *, sender_id: int, address_id: int, query: str = "", language: str = ""
) -> Choices:
    """Return what the agent may choose from for a route: what they used lately, then by name.

    With its window closed only templates are left. Raises NotFound or SendingRefused.
    """
    conversation = conversation_of(agent)
    require_right_to_reply(agent, conversation)
    route = require_route(conversation, sender_id, address_id, in_window=False)
    templates = CAPABILITIES[route.channel].templates
    texts = window_is_open(route.address, route.sender)
    found: list[Choice] = []
    languages: set[str] = set()
    if templates:
        found += _templates(agent, route, query, language)
        languages |= set(languages_of(sender_id))
    if texts:
        found += _texts(agent, route, query, language)
        languages |= set(languages_of_canned_replies(route.channel))
    used = sorted((each for each in found if each.used_at), key=_when, reverse=True)
    recent = used[:MOST_RECENT]
    others = sorted((each for each in found if each not in recent), key=_by_name)
    more = len(others) > MOST_FOUND
    return Choices(recent, others[:MOST_FOUND], more, sorted(languages), templates)


def _templates(agent: Agent, route: Route, query: str, language: str) -> Iterator[Choice]:
    for found in search_templates(agent, sender_id=route.sender.pk, query=query, language=language):
        yield Choice(
            pk=found.template.pk,
            template=True,
            name=found.template.name,
            language=found.template.language,
            channels=(route.channel,),
            words=found.structure.body,
            used_at=found.used_at,
        )


def _texts(agent: Agent, route: Route, query: str, language: str) -> Iterator[Choice]:
    for found in search_canned_replies(
        agent, channel=route.channel, query=query, language=language
    ):
        yield Choice(
            pk=found.reply.pk,
            template=False,
            name=found.reply.name,
            language=found.reply.language,
            channels=(Channel(found.reply.channel),) if found.reply.channel else tuple(Channel),
            words=found.reply.text,
            used_at=found.used_at,
        )


def _by_name(choice: Choice) -> tuple[str, str, int]:
    return choice.name.casefold(), choice.language, choice.pk


def _when(choice: Choice) -> float:
    return choice.used_at.timestamp() if choice.used_at else 0
