"""What a message carries beside its text: its files, and its content by kind, ready to be shown."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations.content_reading import MOST, amount_of, dicts_in, list_in, number_in, text_in
from conversations.contracts import MessageKind
from conversations.file_problems import words_for
from conversations.models import Attachment, Message

TIMES = "\N{MULTIPLICATION SIGN}"
MAP = "https://www.openstreetmap.org/?mlat={0}&mlon={1}#map=16/{0}/{1}"
LONGEST_WORD = 40  # characters of a type that we do not know
# They would let a name show its end, and with it its type, as something else.
DIRECTION_MARKS = dict.fromkeys(
    (0x61C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)), "\ufffd"
)

KINDS = {
    MessageKind.IMAGE: gettext_lazy("Image"),
    MessageKind.DOCUMENT: gettext_lazy("Document"),
    MessageKind.AUDIO: gettext_lazy("Audio"),
    MessageKind.VIDEO: gettext_lazy("Video"),
    MessageKind.STICKER: gettext_lazy("Sticker"),
    MessageKind.LOCATION: gettext_lazy("Location"),
    MessageKind.CONTACT: gettext_lazy("Contact"),
    MessageKind.VOICE: gettext_lazy("Voice message"),
    MessageKind.BUTTON: gettext_lazy("Button answer"),
    MessageKind.LIST: gettext_lazy("List answer"),
    MessageKind.FLOW: gettext_lazy("Form answer"),
    MessageKind.PAYMENT: gettext_lazy("Payment"),
    MessageKind.ORDER: gettext_lazy("Order"),
    MessageKind.INFECTED: gettext_lazy("Infected file, kept by the provider"),
    MessageKind.TEMPLATE: gettext_lazy("Template"),
    MessageKind.REPLY_BUTTONS: gettext_lazy("Buttons"),
    MessageKind.REPLY_LIST: gettext_lazy("List"),
}

LARGEST_SHOWN = {"image": 264, "sticker": 128}  # pixels
OURS = {MessageKind.TEMPLATE, MessageKind.REPLY_BUTTONS, MessageKind.REPLY_LIST}


@dataclass(frozen=True)
class File:
    """A file of a message, by the state it is in; `look` is how it is shown."""

    attachment: Attachment
    look: str

    @property
    def name(self) -> str:
        return self.attachment.name.translate(DIRECTION_MARKS) or _("File without a name")

    @property
    def size(self) -> str:
        return filesizeformat(self.attachment.size) if self.attachment.size else ""

    @property
    def problem(self) -> str:
        return words_for(self.attachment.problem)

    @property
    def shown_size(self) -> tuple[int, int] | None:
        """Width and height of the image in the thread, in pixels: known before it is loaded."""
        width, height = self.attachment.width, self.attachment.height
        if not width or not height:
            return None
        scale = min(1.0, LARGEST_SHOWN[self.look] / max(width, height))
        return max(1, round(width * scale)), max(1, round(height * scale))

    @property
    def described(self) -> str:
        """Its type and size, as far as they are known."""
        return " · ".join(part for part in (self.attachment.content_type, self.size) if part)


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
    """A line of an order; prices as they were said."""

    name: str
    quantity: str
    price: str
    total: str


@dataclass(frozen=True)
class Section:
    title: str
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Parts:
    """All of it; what a message does not have is empty."""

    files: tuple[File, ...] = ()
    place: Place | None = None
    contacts: tuple[Contact, ...] = ()
    fields: tuple[tuple[str, str], ...] = ()
    items: tuple[Item, ...] = ()
    totals: tuple[str, ...] = ()
    note: str = ""
    referral: Section | None = None
    header: str = ""
    footer: str = ""
    buttons: tuple[str, ...] = ()
    sections: tuple[Section, ...] = ()


def label_of(message: Message) -> str:
    """Return what kind of message it is; nothing for a text."""
    if message.kind == MessageKind.TEXT:
        return ""
    if message.kind == MessageKind.UNSUPPORTED:
        said = text_in(message.content.get("type"))[:LONGEST_WORD]
        if said.upper() in {"", MessageKind.UNSUPPORTED.upper()}:
            return _("Unsupported message")
        return _("Unsupported message (%s)") % said
    return str(KINDS[MessageKind(message.kind)])


def parts_of(message: Message) -> Parts:
    """Return what is shown of a message beside its text. Reads `attachments` as prefetched."""
    content = message.content
    items = tuple(_items(content)) if message.kind == MessageKind.ORDER else ()
    answers = message.kind in {MessageKind.BUTTON, MessageKind.LIST}
    return Parts(
        files=tuple(file_of(each, message.kind) for each in message.attachments.all()),
        place=_place(content) if message.kind == MessageKind.LOCATION else None,
        contacts=tuple(_contacts(content)) if message.kind == MessageKind.CONTACT else (),
        fields=tuple(_fields(message.kind, content)),
        items=items,
        totals=tuple(_totals(content)) if items else (),
        note=text_in(content.get("description")) if answers else "",
        referral=_referral(content),
        **_of_ours(message),
    )


def file_of(attachment: Attachment, kind: str = "") -> File:
    """Nothing passes for an image without a thumbnail, nor for sound or film by its kind alone."""
    media = attachment.content_type.partition("/")[0]
    if attachment.thumbnail:
        look = "sticker" if kind == MessageKind.STICKER else "image"
    else:
        look = media if media in {"audio", "video"} else "document"
    return File(attachment, look)


def words_of(message: Message) -> list[str]:
    """Return in lines what `content` says: for those who read, but see no cards.

    Of a message it stays the same whatever becomes of its files.
    """
    content = message.content
    lines: list[str] = []
    if message.kind == MessageKind.LOCATION:
        place = _place(content)
        lines += [place.name, place.address, place.coordinates]
    if message.kind == MessageKind.CONTACT:
        lines += [", ".join([each.name, *each.lines]) for each in _contacts(content)]
    lines += [f"{name}: {value}" for name, value in _fields(message.kind, content)]
    if message.kind == MessageKind.ORDER:
        lines += [
            f"{each.quantity} {TIMES} {each.name} {each.total}".strip() for each in _items(content)
        ]
        lines += [_("Total: %s") % total for total in _totals(content)]
    if message.kind in {MessageKind.BUTTON, MessageKind.LIST}:
        lines.append(text_in(content.get("description")))
    return [" ".join(line.split()) for line in lines if line.strip()]


def _place(content: dict[str, Any]) -> Place:
    latitude, longitude = number_in(content.get("latitude")), number_in(content.get("longitude"))
    coordinates = link = ""
    if latitude is not None and longitude is not None and _on_earth(latitude, longitude):
        coordinates = f"{latitude:.6f}, {longitude:.6f}"
        link = MAP.format(f"{latitude:.6f}", f"{longitude:.6f}")
    return Place(text_in(content.get("name")), text_in(content.get("address")), coordinates, link)


def _contacts(content: dict[str, Any]) -> Iterator[Contact]:
    for each in dicts_in(content.get("contacts")):
        texts = [text_in(each.get("organisation"))]
        texts += [
            text_in(value) for name in ("phones", "emails") for value in list_in(each.get(name))
        ]
        lines = tuple(text for text in texts if text)
        yield Contact(text_in(each.get("name")) or _("Contact without a name"), lines)


def _fields(kind: str, content: dict[str, Any]) -> Iterator[tuple[str, str]]:
    given = {MessageKind.FLOW: "answers", MessageKind.PAYMENT: "fields"}.get(MessageKind(kind))
    found = content.get(given) if given else None
    if isinstance(found, dict):
        for name, value in list(found.items())[:MOST]:
            yield _named(str(name)), text_in(value)


def _items(content: dict[str, Any]) -> Iterator[Item]:
    for each in dicts_in(content.get("items")):
        amount, currency = amount_of(each), text_in(each.get("currency"))
        yield Item(
            name=text_in(each.get("name")) or text_in(each.get("id")) or "?",
            quantity=text_in(each.get("quantity")) or "1",
            price=f"{text_in(each.get('price'))} {currency}".strip(),
            total=f"{amount:f} {currency}".strip() if amount is not None else "",
        )


def _totals(content: dict[str, Any]) -> Iterator[str]:
    """One for each currency; none if any line cannot be reckoned."""
    sums: dict[str, Decimal] = {}
    for each in dicts_in(content.get("items")):
        amount = amount_of(each)
        if amount is None:
            return
        currency = text_in(each.get("currency"))
        sums[currency] = sums.get(currency, Decimal()) + amount
    yield from (f"{amount:f} {currency}".strip() for currency, amount in sums.items())


def _referral(content: dict[str, Any]) -> Section | None:
    """The advertisement that the customer came from; its address is text, we send nobody there."""
    found = content.get("referral")
    if not isinstance(found, dict):
        return None
    lines = [text_in(found.get(name)) for name in ("body", "url")]
    return Section(text_in(found.get("headline")), tuple((line, "") for line in lines if line))


def _of_ours(message: Message) -> dict[str, Any]:
    """Header, footer, buttons and sections of what only we send."""
    if message.kind not in OURS:
        return {}
    # The content of a template holds values alone; `shown` is what the customer reads.
    found = message.content.get("shown")
    shown = found if isinstance(found, dict) else message.content
    return {
        "header": text_in(shown.get("header")),
        "footer": text_in(shown.get("footer")),
        "buttons": tuple(_titles(shown)),
        "sections": tuple(_sections(shown)),
    }


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


def _named(name: str) -> str:
    """Return a field's name as a label: forms name them for machines."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name.replace("_", " "))
    return words.strip().capitalize()


def _on_earth(latitude: float, longitude: float) -> bool:
    return abs(latitude) <= 90 and abs(longitude) <= 180  # noqa: PLR2004 - degrees
