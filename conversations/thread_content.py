"""What the content of a message holds, by its kind: from outside, and read into our words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from babel.numbers import format_currency, format_decimal
from django.utils.translation import gettext as _

from conversations.content_reading import (
    LARGEST,
    MOST,
    amount_of,
    dicts_in,
    list_in,
    number_in,
    text_in,
)
from conversations.contracts import MessageKind
from conversations.languages import reading_locale

TIMES = "\N{MULTIPLICATION SIGN}"
MAP = "https://www.openstreetmap.org/?mlat={0}&mlon={1}#map=16/{0}/{1}"
CURRENCY = re.compile(r"[A-Z]{3}")
OURS = {MessageKind.TEMPLATE, MessageKind.REPLY_BUTTONS, MessageKind.REPLY_LIST}


@dataclass(frozen=True)
class Place:
    name: str
    address: str
    coordinates: str
    link: str


@dataclass(frozen=True)
class Contact:
    """A person in a message; `lines` are numbers, e-mail addresses and the like."""

    name: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Item:
    """A line of an order; a price that is no number stays as it was said."""

    name: str
    quantity: str
    price: str
    total: str


@dataclass(frozen=True)
class Section:
    title: str
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Ours:
    """What only we send around a text."""

    header: str = ""
    footer: str = ""
    buttons: tuple[str, ...] = ()
    sections: tuple[Section, ...] = ()


def words_in(kind: str, content: dict[str, Any]) -> list[str]:
    """Return in lines what a content says."""
    lines: list[str] = []
    if kind == MessageKind.LOCATION:
        place = place_in(content)
        lines += [place.name, place.address, place.coordinates]
    if kind == MessageKind.CONTACT:
        lines += [", ".join([each.name, *each.lines]) for each in contacts_in(content)]
    lines += [f"{name}: {value}" for name, value in fields_in(kind, content)]
    if kind == MessageKind.ORDER:
        lines += [
            f"{each.quantity} {TIMES} {each.name} {each.total}".strip()
            for each in items_in(content)
        ]
        lines += [_("Total: %s") % total for total in totals_in(content)]
    if kind in {MessageKind.BUTTON, MessageKind.LIST}:
        lines.append(text_in(content.get("description")))
    return [" ".join(line.split()) for line in lines if line.strip()]


def words_around(kind: str, content: dict[str, Any]) -> list[str]:
    """Return in lines what stands around the text of what we sent, and where a customer came from.

    Together with `words_in` it is all that can be read of a content.
    """
    ours, referral = ours_in(kind, content), referral_in(content)
    sections = [*ours.sections, *([referral] if referral else [])]
    lines = [ours.header, ours.footer, *ours.buttons]
    for section in sections:
        lines += [section.title, *(" ".join(row) for row in section.rows)]
    return [" ".join(line.split()) for line in lines if line.strip()]


def place_in(content: dict[str, Any]) -> Place:
    latitude, longitude = number_in(content.get("latitude")), number_in(content.get("longitude"))
    coordinates = link = ""
    if latitude is not None and longitude is not None and _on_earth(latitude, longitude):
        coordinates = f"{latitude:.6f}, {longitude:.6f}"
        link = MAP.format(f"{latitude:.6f}", f"{longitude:.6f}")
    return Place(text_in(content.get("name")), text_in(content.get("address")), coordinates, link)


def contacts_in(content: dict[str, Any]) -> Iterator[Contact]:
    for each in dicts_in(content.get("contacts")):
        texts = [text_in(each.get("organisation"))]
        texts += [
            text_in(value) for name in ("phones", "emails") for value in list_in(each.get(name))
        ]
        lines = tuple(text for text in texts if text)
        yield Contact(text_in(each.get("name")) or _("Contact without a name"), lines)


def fields_in(kind: str, content: dict[str, Any]) -> Iterator[tuple[str, str]]:
    given = {MessageKind.FLOW: "answers", MessageKind.PAYMENT: "fields"}.get(MessageKind(kind))
    found = content.get(given) if given else None
    if isinstance(found, dict):
        for name, value in list(found.items())[:MOST]:
            yield _named(str(name)), text_in(value)


def items_in(content: dict[str, Any]) -> Iterator[Item]:
    for each in dicts_in(content.get("items")):
        amount, currency = amount_of(each), text_in(each.get("currency"))
        yield Item(
            name=text_in(each.get("name")) or text_in(each.get("id")) or "?",
            quantity=_counted(text_in(each.get("quantity")) or "1"),
            price=_price(text_in(each.get("price")), currency),
            total=_price(f"{amount:f}", currency) if amount is not None else "",
        )


def totals_in(content: dict[str, Any]) -> Iterator[str]:
    """One for each currency; none if any line cannot be reckoned."""
    sums: dict[str, Decimal] = {}
    for each in dicts_in(content.get("items")):
        amount = amount_of(each)
        if amount is None:
            return
        currency = text_in(each.get("currency"))
        sums[currency] = sums.get(currency, Decimal()) + amount
    yield from (_price(f"{amount:f}", currency) for currency, amount in sums.items())


def referral_in(content: dict[str, Any]) -> Section | None:
    """The advertisement that the customer came from; its address is text, we send nobody there."""
    found = content.get("referral")
    if not isinstance(found, dict):
        return None
    lines = [text_in(found.get(name)) for name in ("body", "url")]
    return Section(text_in(found.get("headline")), tuple((line, "") for line in lines if line))


def ours_in(kind: str, content: dict[str, Any]) -> Ours:
    """Return what we sent around a text; nothing of other kinds."""
    if kind not in OURS:
        return Ours()
    # The content of a template holds values alone; `shown` is what the customer reads.
    found = content.get("shown")
    shown = found if isinstance(found, dict) else content
    return Ours(
        header=text_in(shown.get("header")),
        footer=text_in(shown.get("footer")),
        buttons=tuple(_titles(shown)),
        sections=tuple(_sections(shown)),
    )


def _titles(content: dict[str, Any]) -> Iterator[str]:
    if text_in(content.get("button")):
        yield text_in(content["button"])
    for each in list_in(content.get("buttons")):
        title = each.get("title") if isinstance(each, dict) else each
        if text_in(title):
            yield text_in(title)


def _sections(content: dict[str, Any]) -> Iterator[Section]:
    for each in dicts_in(content.get("sections")):
        rows = [
            (text_in(row.get("title")), text_in(row.get("description")))
            for row in dicts_in(each.get("rows"))
        ]
        yield Section(text_in(each.get("title")), tuple(rows))


def _counted(said: str) -> str:
    number = _number(said)
    return said if number is None else format_decimal(number, locale=reading_locale())


def _price(said: str, currency: str) -> str:
    """Return a price as the reader writes it; nothing that was said is rounded away."""
    number = _number(said)
    if number is None or not CURRENCY.fullmatch(currency):
        return f"{_counted(said)} {currency}".strip()
    locale = reading_locale()
    return format_currency(number, currency, locale=locale, decimal_quantization=False)


def _number(said: str) -> Decimal | None:
    try:
        number = Decimal(said)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) < LARGEST else None


def _named(name: str) -> str:
    """Return a field's name as a label: forms name them for machines."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name.replace("_", " "))
    return words.strip().capitalize()


def _on_earth(latitude: float, longitude: float) -> bool:
    return abs(latitude) <= 90 and abs(longitude) <= 180  # noqa: PLR2004 - degrees
