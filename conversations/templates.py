"""What a WhatsApp template consists of, in our own words, and what it becomes with its values.

Values are keyed by variable: "header.text", "header.file", "header.location", "body.1" for `{{1}}`
of the body, "button.0" for the first button.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _

from conversations.capabilities import MEGABYTE, FileLimit
from conversations.contracts import MessageKind

VARIABLE = re.compile(r"\{\{\s*([1-9][0-9]{0,2})\s*\}\}")
LONGEST_HEADER = 60
LONGEST_ADDRESS_PART = 2000
LONGEST_QUICK_REPLY_VALUE = 128
LONGEST_CODE = 15
LONGEST_BODY = 1024  # of a template that has a header, a footer or buttons too
LONGEST_BODY_ALONE = 4096
POLE, ANTIMERIDIAN = 90, 180  # degrees


class HeaderKind(StrEnum):
    TEXT = "text"
    IMAGE = "image"
    VIDEO = "video"
    GIF = "gif"
    DOCUMENT = "document"
    LOCATION = "location"


class ButtonKind(StrEnum):
    QUICK_REPLY = "quick-reply"
    URL = "url"
    PHONE = "phone"
    COPY_CODE = "copy-code"


HEADER_FILES = {
    HeaderKind.IMAGE: FileLimit(
        MessageKind.IMAGE, frozenset({"image/jpeg", "image/png"}), 5 * MEGABYTE
    ),
    HeaderKind.VIDEO: FileLimit(MessageKind.VIDEO, frozenset({"video/mp4"}), 16 * MEGABYTE),
    # WhatsApp plays them from short films.
    HeaderKind.GIF: FileLimit(MessageKind.VIDEO, frozenset({"video/mp4"}), 16 * MEGABYTE),
    HeaderKind.DOCUMENT: FileLimit(
        MessageKind.DOCUMENT, frozenset({"application/pdf"}), 100 * MEGABYTE
    ),
}


@dataclass(frozen=True)
class Header:
    kind: HeaderKind
    text: str = ""
    example: str = ""


@dataclass(frozen=True)
class Button:
    """`url` may end in one variable; `example` is of its value, or of the code to copy."""

    kind: ButtonKind
    text: str
    url: str = ""
    phone: str = ""
    example: str = ""


@dataclass(frozen=True)
class Structure:
    body: str
    examples: tuple[str, ...] = ()
    header: Header | None = None
    footer: str = ""
    buttons: tuple[Button, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Structure":
        header = stored.get("header")
        return cls(
            body=stored.get("body", ""),
            examples=tuple(stored.get("examples", ())),
            header=Header(**header | {"kind": HeaderKind(header["kind"])}) if header else None,
            footer=stored.get("footer", ""),
            buttons=tuple(
                Button(**button | {"kind": ButtonKind(button["kind"])})
                for button in stored.get("buttons", ())
            ),
        )


@dataclass(frozen=True)
class Variable:
    """What an agent fills in. An empty one with a `default` takes that; the others are required.

    `longest` is in characters; `file` says what a file has to be.
    """

    key: str
    label: str
    example: str = ""
    longest: int = 0
    default: str = ""
    file: FileLimit | None = None

    @property
    def required(self) -> bool:
        return not self.default


@dataclass(frozen=True)
class Span:
    """A stretch of text. `variable` is the key of what it stands for, `filled` whether it does."""

    text: str
    variable: str = ""
    filled: bool = False


@dataclass(frozen=True)
class ShownButton:
    """A button as the customer sees it; `target` is where it leads, or what it copies."""

    kind: ButtonKind
    text: str
    target: tuple[Span, ...] = ()


@dataclass(frozen=True)
class Preview:
    """A filled-in template; `header` has words for a text header, and `header_kind` for all."""

    body: tuple[Span, ...]
    header_kind: HeaderKind | None = None
    header: tuple[Span, ...] = ()
    footer: str = ""
    buttons: tuple[ShownButton, ...] = ()


def variables_of(structure: Structure) -> tuple[Variable, ...]:
    """Return what has to be filled in, in the order in which the customer reads it."""
    return (
        *_header_variables(structure.header),
        *(
            Variable(
                f"body.{number}",
                f"{{{{{number}}}}}",
                example=_nth(structure.examples, number),
                longest=longest_body(structure),
            )
            for number in numbers_in(structure.body)
        ),
        *(
            variable
            for index, button in enumerate(structure.buttons)
            if (variable := _button_variable(index, button)) is not None
        ),
    )


def numbers_in(text: str) -> list[int]:
    """Return the numbers of a text's variables, each once, in their order."""
    return sorted({int(number) for number in VARIABLE.findall(text)})


def longest_body(structure: Structure) -> int:
    """Return how many characters the body may have with its values."""
    alone = not (structure.header or structure.footer or structure.buttons)
    return LONGEST_BODY_ALONE if alone else LONGEST_BODY


def preview(structure: Structure, values: Mapping[str, str]) -> Preview:
    """Return the template with its values; what is not filled in yet stays as `{{1}}`."""
    header = structure.header
    return Preview(
        body=_spans(structure.body, values, lambda number: f"body.{number}"),
        header_kind=header.kind if header else None,
        header=_header_spans(header, values) if header else (),
        footer=structure.footer,
        buttons=tuple(
            ShownButton(button.kind, button.text, _target(index, button, values))
            for index, button in enumerate(structure.buttons)
        ),
    )


def plain_text(structure: Structure, values: Mapping[str, str]) -> str:
    """Return the words of the whole message, without its buttons."""
    shown = preview(structure, values)
    header = words(shown.header) if shown.header_kind == HeaderKind.TEXT else ""
    return "\n".join(part for part in (header, words(shown.body), shown.footer) if part)


def words(spans: tuple[Span, ...]) -> str:
    return "".join(span.text for span in spans)


def value_of(variable: Variable, values: Mapping[str, str]) -> str:
    return values.get(variable.key, "").strip() or variable.default


def location_of(value: str) -> tuple[float, float] | None:
    """Read "45.81, 15.98" as latitude and longitude; None when it is no place on earth."""
    try:
        latitude, longitude = (float(part) for part in value.split(","))
    except ValueError:
        return None
    on_earth = abs(latitude) <= POLE and abs(longitude) <= ANTIMERIDIAN
    return (latitude, longitude) if on_earth else None


def _header_variables(header: Header | None) -> list[Variable]:
    if header is None:
        return []
    if header.kind == HeaderKind.TEXT:
        if not VARIABLE.search(header.text):
            return []
        room = LONGEST_HEADER - len(VARIABLE.sub("", header.text))
        return [Variable("header.text", _("Header"), header.example, longest=max(room, 1))]
    if header.kind == HeaderKind.LOCATION:
        return [Variable("header.location", _("Place"), "45.8131, 15.9772", longest=60)]
    names = {
        HeaderKind.IMAGE: _("Image"),
        HeaderKind.VIDEO: _("Video"),
        HeaderKind.GIF: _("GIF"),
        HeaderKind.DOCUMENT: _("Document"),
    }
    return [Variable("header.file", names[header.kind], file=HEADER_FILES[header.kind])]


def _button_variable(index: int, button: Button) -> Variable | None:
    key = f"button.{index}"
    if button.kind == ButtonKind.URL and VARIABLE.search(button.url):
        label = _("Link of “%(button)s”") % {"button": button.text}
        # At the provider it is the whole address, or what takes the variable's place.
        example = button.example.removeprefix(button.url.partition("{{")[0])
        return Variable(key, label, example, longest=LONGEST_ADDRESS_PART)
    if button.kind == ButtonKind.COPY_CODE:
        return Variable(key, _("Code to copy"), button.example, longest=LONGEST_CODE)
    if button.kind == ButtonKind.QUICK_REPLY:
        label = _("What “%(button)s” reports back") % {"button": button.text}
        return Variable(
            key, label, longest=LONGEST_QUICK_REPLY_VALUE, default=button.text or str(index)
        )
    return None


def _nth(examples: tuple[str, ...], number: int) -> str:
    return examples[number - 1] if number <= len(examples) else ""


def _spans(text: str, values: Mapping[str, str], key_of: Any) -> tuple[Span, ...]:
    # One pass from left to right: a value that looks like a variable is not filled in again.
    spans, done = [], 0
    for found in VARIABLE.finditer(text):
        key = key_of(found[1])
        value = values.get(key, "").strip()
        spans += [
            Span(text[done : found.start()]),
            Span(value or f"{{{{{found[1]}}}}}", variable=key, filled=bool(value)),
        ]
        done = found.end()
    return tuple(span for span in [*spans, Span(text[done:])] if span.text)


def _header_spans(header: Header, values: Mapping[str, str]) -> tuple[Span, ...]:
    if header.kind == HeaderKind.TEXT:
        return _spans(header.text, values, lambda _number: "header.text")
    key = "header.location" if header.kind == HeaderKind.LOCATION else "header.file"
    value = values.get(key, "").strip()
    return (Span(value, variable=key, filled=True),) if value else ()


def _target(index: int, button: Button, values: Mapping[str, str]) -> tuple[Span, ...]:
    key = f"button.{index}"
    if button.kind == ButtonKind.URL:
        return _spans(button.url, values, lambda _number: key)
    if button.kind == ButtonKind.COPY_CODE:
        return _spans("{{1}}", values, lambda _number: key)
    return (Span(button.phone),) if button.phone else ()
