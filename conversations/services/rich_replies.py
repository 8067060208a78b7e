"""What agents send on WhatsApp beside texts and files: places, contacts, buttons and lists.

What the customer chooses comes back by the id of the button or row, which counts from 1.
"""

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from math import isfinite
from typing import Any, Unpack

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from conversations.capabilities import CAPABILITIES
from conversations.contracts import Agent, MessageKind
from conversations.errors import SendingRefused
from conversations.models import Message
from conversations.phone_numbers import parse_typed
from conversations.services.outgoing import (
    Where,
    begin_sending,
    require_quotable,
    require_route,
    store_outgoing,
)
from conversations.services.texts import sendable_part

# Source: Infobip's WhatsApp OpenAPI document.
HIGHEST_LATITUDE = 90
HIGHEST_LONGITUDE = 180
LONGEST_PLACE = 1000
LONGEST_BODY = 1024
LONGEST_FOOTER = 60
MOST_BUTTONS = 3
LONGEST_BUTTON = 20
MOST_SECTIONS = 10
LONGEST_SECTION = 24
MOST_ROWS = 10
LONGEST_ROW = 24
LONGEST_DESCRIPTION = 72
# Signs that are no words, and colours of skin; the old ones, like the degree sign, are allowed.
EMOJI_CATEGORIES = {"So", "Sk"}
FIRST_EMOJI = "\u2190"
# Ours: nobody reads more on a card.
LONGEST_NAME = 200
MOST_PHONES = 5


@dataclass(frozen=True)
class Row:
    title: str
    description: str = ""


@dataclass(frozen=True)
class Section:
    """Rows of a list under a title; a single section needs none."""

    rows: Sequence[Row]
    title: str = ""


@dataclass(frozen=True)
class Composed:
    """What a message of a kind carries, checked."""

    text: str
    content: dict[str, Any]


def send_location(
    agent: Agent,
    *,
    latitude: float,
    longitude: float,
    name: str = "",
    address: str = "",
    **where: Unpack[Where],
) -> Message:
    """Send a place on the map. As `send_reply` in everything else."""

    def compose() -> Composed:
        _require_on_earth(latitude, longitude)
        place = {"latitude": latitude, "longitude": longitude}
        words = {
            "name": _optional(name, _("The name of the place"), LONGEST_PLACE),
            "address": _optional(address, _("The address"), LONGEST_PLACE),
        }
        return Composed("", place | words)

    return _send(agent, MessageKind.LOCATION, compose, where)


def send_contact(
    agent: Agent,
    *,
    name: str,
    phones: Sequence[str],
    emails: Sequence[str] = (),
    organisation: str = "",
    **where: Unpack[Where],
) -> Message:
    """Send somebody's card. As `send_reply` in everything else; NumberRefused for a phone."""

    def compose() -> Composed:
        _require_count(len(phones), MOST_PHONES, _("phone numbers"))
        card = {
            "name": sendable_part(name, name=_("The name"), longest=LONGEST_NAME),
            "phones": [f"+{parse_typed(phone).address}" for phone in phones],
            "emails": [_email(email) for email in emails],
            "organisation": _optional(organisation, _("The organisation"), LONGEST_NAME),
        }
        return Composed("", {"contacts": [card]})

    return _send(agent, MessageKind.CONTACT, compose, where)


def send_reply_buttons(
    agent: Agent,
    *,
    text: str,
    buttons: Sequence[str],
    footer: str = "",
    **where: Unpack[Where],
) -> Message:
    """Send a text under which the customer taps one of up to three buttons."""

    def compose() -> Composed:
        _require_count(len(buttons), MOST_BUTTONS, _("buttons"))
        titles = [_tappable(each, _("A button"), LONGEST_BUTTON) for each in buttons]
        _require_different(titles)
        numbered = [{"id": str(number), "title": each} for number, each in enumerate(titles, 1)]
        return Composed(_body(text), {"buttons": numbered, "footer": _footer(footer)})

    return _send(agent, MessageKind.REPLY_BUTTONS, compose, where)


def send_reply_list(
    agent: Agent,
    *,
    text: str,
    button: str,
    sections: Sequence[Section],
    footer: str = "",
    **where: Unpack[Where],
) -> Message:
    """Send a text with a button that opens a list, of which the customer chooses one row."""

    def compose() -> Composed:
        content = {
            "button": _tappable(button, _("The button of the list"), LONGEST_BUTTON),
            "sections": _sections(sections),
            "footer": _footer(footer),
        }
        return Composed(_body(text), content)

    return _send(agent, MessageKind.REPLY_LIST, compose, where)


@transaction.atomic
def _send(
    agent: Agent, kind: MessageKind, compose: Callable[[], Composed], where: Where
) -> Message:
    conversation, seen = begin_sending(agent, where["client_id"])
    if seen is not None:
        return seen

    route = require_route(conversation, where["sender_id"], where["address_id"])
    if not CAPABILITIES[route.channel].rich:
        raise SendingRefused(
            _("SMS carries text only. Choose WhatsApp in From and To."), code="text-only"
        )
    composed = compose()
    return store_outgoing(
        agent,
        conversation,
        route,
        client_id=where["client_id"],
        kind=kind,
        text=composed.text,
        content=composed.content,
        quoted=require_quotable(conversation, route, where.get("quoted_id")),
    )


def _require_on_earth(latitude: float, longitude: float) -> None:
    if not isfinite(latitude) or abs(latitude) > HIGHEST_LATITUDE:
        raise SendingRefused(
            _("The latitude is a number from -90 to 90. Correct it."), code="bad-latitude"
        )
    if not isfinite(longitude) or abs(longitude) > HIGHEST_LONGITUDE:
        raise SendingRefused(
            _("The longitude is a number from -180 to 180. Correct it."), code="bad-longitude"
        )


def _email(typed: str) -> str:
    email = sendable_part(typed, name=_("The e-mail address"), longest=LONGEST_NAME)
    try:
        validate_email(email)
    except ValidationError:
        raise SendingRefused(
            _("%s is no e-mail address. Correct it.") % email, code="bad-email"
        ) from None
    return email


def _sections(sections: Sequence[Section]) -> list[dict[str, Any]]:
    _require_count(len(sections), MOST_SECTIONS, _("sections"))
    _require_count(sum(len(section.rows) for section in sections), MOST_ROWS, _("rows"))
    ids = count(1)
    several = len(sections) > 1
    return [
        {
            "title": sendable_part(
                section.title,
                name=_("The title of a section"),
                longest=LONGEST_SECTION,
                needed=several,
            ),
            "rows": _rows(section, ids),
        }
        for section in sections
    ]


def _rows(section: Section, ids: Iterator[int]) -> list[dict[str, str]]:
    if not section.rows:
        raise SendingRefused(
            _("A section of the list has no rows. Add one, or remove the section."), code="empty"
        )
    rows = [
        {
            "id": str(next(ids)),
            "title": sendable_part(row.title, name=_("A row"), longest=LONGEST_ROW),
            "description": _optional(
                row.description, _("The description of a row"), LONGEST_DESCRIPTION
            ),
        }
        for row in section.rows
    ]
    _require_different([row["title"] for row in rows])
    return rows


def _tappable(text: str, name: str, longest: int) -> str:
    title = sendable_part(text, name=name, longest=longest)
    if any(
        character >= FIRST_EMOJI and unicodedata.category(character) in EMOJI_CATEGORIES
        for character in title
    ):
        raise SendingRefused(
            _("%s cannot hold emoji. Write it in letters.") % name, code="emoji-in-button"
        )
    return title


def _body(text: str) -> str:
    return sendable_part(text, name=_("The text"), longest=LONGEST_BODY)


def _footer(text: str) -> str:
    return _optional(text, _("The footer"), LONGEST_FOOTER)


def _optional(text: str, name: str, longest: int) -> str:
    return sendable_part(text, name=name, longest=longest, needed=False)


def _require_count(found: int, most: int, things: str) -> None:
    if not 1 <= found <= most:
        raise SendingRefused(
            _("There are %(found)d %(things)s; from 1 to %(most)d are allowed.")
            % {"found": found, "things": things, "most": most},
            code="wrong-count",
        )


def _require_different(titles: Sequence[str]) -> None:
    if len(set(titles)) < len(titles):
        raise SendingRefused(
            _("Two choices have the same title. Let each say something else."), code="same-titles"
        )
