"""What agents send on WhatsApp beside texts and files: places, contacts, buttons and lists.

What the customer chooses comes back by the id of the button or row, which counts from 1. A
refusal is `at` the argument that it is about, of several ones with its number from 0: "phones.1";
"rows.1" and "descriptions.1" count through all sections.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Unpack

from django.db import transaction
from django.utils.translation import gettext as _

from conversations.capabilities import CAPABILITIES
from conversations.contracts import Agent, MessageKind
from conversations.errors import SendingRefused, refused_at
from conversations.models import Message
from conversations.services.outgoing import (
    Where,
    begin_sending,
    require_quotable,
    require_route,
    store_outgoing,
)
from conversations.services.rich_parts import (
    LONGEST_DESCRIPTION,
    LONGEST_NAME,
    LONGEST_PLACE,
    LONGEST_ROW,
    LONGEST_SECTION,
    MOST_BUTTONS,
    MOST_PHONES,
    MOST_ROWS,
    MOST_SECTIONS,
    body_of,
    button_of,
    each_of,
    email_of,
    footer_of,
    optional,
    phone_of,
    require_count,
    require_different,
    require_on_earth,
    tappable,
)
from conversations.services.texts import sendable_part


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
        require_on_earth(latitude, longitude)
        place = {"latitude": latitude, "longitude": longitude}
        words = {
            "name": optional(name, _("The name of the place"), LONGEST_PLACE, at="name"),
            "address": optional(address, _("The address"), LONGEST_PLACE, at="address"),
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
        with refused_at("name"):
            called = sendable_part(name, name=_("The name"), longest=LONGEST_NAME)
        require_count(len(phones), MOST_PHONES, _("phone numbers"), at="phones.0")
        card = {
            "name": called,
            "phones": each_of(phone_of, phones, "phones"),
            "emails": each_of(email_of, emails, "emails"),
            "organisation": optional(
                organisation, _("The organisation"), LONGEST_NAME, at="organisation"
            ),
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
        body = body_of(text)
        require_count(len(buttons), MOST_BUTTONS, _("buttons"), at="buttons.0")
        titles = each_of(button_of, buttons, "buttons")
        require_different(titles, "buttons")
        numbered = [{"id": str(number), "title": each} for number, each in enumerate(titles, 1)]
        return Composed(body, {"buttons": numbered, "footer": footer_of(footer)})

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
        body = body_of(text)
        with refused_at("button"):
            opens = tappable(button, _("The button of the list"))
        content = {"button": opens, "sections": _sections(sections), "footer": footer_of(footer)}
        return Composed(body, content)

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


def _sections(sections: Sequence[Section]) -> list[dict[str, Any]]:
    require_count(len(sections), MOST_SECTIONS, _("sections"), at="sections.0")
    found = sum(len(section.rows) for section in sections)
    require_count(found, MOST_ROWS, _("rows"), at="rows.0")
    composed: list[dict[str, Any]] = []
    first = 0
    for place, section in enumerate(sections):
        with refused_at(f"sections.{place}"):
            title = _section_title(section, needed=len(sections) > 1)
        composed.append({"title": title, "rows": _rows(section, first)})
        first += len(section.rows)
    return composed


def _section_title(section: Section, *, needed: bool) -> str:
    if not section.rows:
        raise SendingRefused(
            _("A section of the list has no rows. Add one, or remove the section."), code="empty"
        )
    name = _("The title of a section")
    return sendable_part(section.title, name=name, longest=LONGEST_SECTION, needed=needed)


def _rows(section: Section, first: int) -> list[dict[str, str]]:
    rows = []
    for number, row in enumerate(section.rows, first):
        with refused_at(f"rows.{number}"):
            title = sendable_part(row.title, name=_("A row"), longest=LONGEST_ROW)
        description = optional(
            row.description,
            _("The description of a row"),
            LONGEST_DESCRIPTION,
            at=f"descriptions.{number}",
        )
        rows.append({"id": str(number + 1), "title": title, "description": description})
    require_different([row["title"] for row in rows], "rows", first)
    return rows
