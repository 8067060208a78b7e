"""Reading a file of customers that an admin has written: every row is checked, none is guessed."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import StringIO

from django.utils.translation import gettext as _

from conversations.contracts import Channel
from conversations.direction import kept_to_itself
from conversations.errors import DomainError
from conversations.phone_numbers import Address as Identity
from conversations.phone_numbers import NumberProblem, NumberRefused, parse_typed
from conversations.storable import storable

MOST_BYTES = 2 * 1024 * 1024
MOST_ROWS = 5000
LONGEST_NAME = 200
LONGEST_SHOWN = 40  # characters of a cell in a sentence
NUMBER, NAME = "number", "name"
CONSENTS = {"sms_consent": Channel.SMS, "whatsapp_consent": Channel.WHATSAPP}
ANSWERS = {"yes": True, "no": False, "": None}
EXAMPLE = "385991903327"
FORMULA = ("'=", "'+", "'-", "'@")  # as our own export makes them harmless


class FileRefused(DomainError):
    """The file as a whole cannot be read."""


@dataclass(frozen=True)
class Row:
    """One customer of the file; `at` is the row as a spreadsheet counts it."""

    at: int
    identity: Identity
    name: str = ""
    consents: Mapping[Channel, bool] = field(default_factory=dict)


@dataclass(frozen=True)
class Problem:
    """What is wrong with one row, in a sentence."""

    at: int
    words: str

    def __str__(self) -> str:
        return _("Row %(row)d: %(problem)s") % {"row": self.at, "problem": self.words}


def read(content: bytes) -> tuple[list[Row], list[Problem]]:
    """Return the rows of a file and what is wrong with them. Raises FileRefused."""
    text = _text(content)
    head, _newline, _rest = text.partition("\n")
    delimiter = ";" if head.count(";") > head.count(",") else ","
    records = _records(text, delimiter)
    columns = _columns(next(records, []))
    rows: list[Row] = []
    problems: list[Problem] = []
    seen: dict[str, int] = {}
    for at, cells in enumerate(records, start=2):
        if not any(cell.strip() for cell in cells):
            continue
        if len(rows) + len(problems) == MOST_ROWS:
            words = _("The file has more than %(most)d rows. Import it in parts.")
            raise FileRefused(words % {"most": MOST_ROWS})
        given = {
            name: cells[place].strip() for name, place in columns.items() if place < len(cells)
        }
        try:
            row = _row(at, given, seen)
        except DomainError as refused:
            problems.append(Problem(at, str(refused)))
        else:
            rows.append(row)
    if not rows and not problems:
        raise FileRefused(_("The file has no customers. Write one in each row below the first."))
    return rows, problems


def _text(content: bytes) -> str:
    if len(content) > MOST_BYTES:
        raise FileRefused(_("The file is larger than 2 MB. Import it in parts."))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise FileRefused(
            _("The file is not CSV in UTF-8. In Excel, save it as “CSV UTF-8 (comma delimited)”.")
        )
    return text


def _records(text: str, delimiter: str) -> Iterator[list[str]]:
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter)
    try:
        yield from reader
    except csv.Error:
        words = _("The file cannot be read from line %(line)d on. Is a quotation mark missing?")
        raise FileRefused(words % {"line": reader.line_num}) from None


def _columns(head: list[str]) -> dict[str, int]:
    """Return where each column that we know stands; others are left alone."""
    named = [" ".join(cell.split()).casefold() for cell in head]
    for known in (NUMBER, NAME, *CONSENTS):
        if named.count(known) > 1:
            words = _("The column “%(name)s” is there twice. Remove one.")
            raise FileRefused(words % {"name": known})
    if NUMBER not in named:
        raise FileRefused(
            _("The first row must name the columns, and one of them “number”. See the sample.")
        )
    return {name: named.index(name) for name in (NUMBER, NAME, *CONSENTS) if name in named}


def _row(at: int, given: Mapping[str, str], seen: dict[str, int]) -> Row:
    identity = _number(given.get(NUMBER, ""))
    first = seen.setdefault(identity.key, at)
    if first != at:
        raise DomainError(
            _("The same number as in row %(row)d. Remove one of them.") % {"row": first}
        )
    name = given.get(NAME, "")
    name = name[1:] if name.startswith(FORMULA) else name
    if len(name) > LONGEST_NAME:
        raise DomainError(_("The name has more than 200 characters. Shorten it."))
    answers = {channel: _answer(column, given) for column, channel in CONSENTS.items()}
    consents = {channel: said for channel, said in answers.items() if said is not None}
    return Row(at, identity, kept_to_itself(storable(name)), consents)


def _number(typed: str) -> Identity:
    typed = typed.removeprefix("'")
    shown = {"number": typed[:LONGEST_SHOWN], "example": EXAMPLE}
    try:
        return parse_typed(typed)
    except NumberRefused as refused:
        if refused.problem is NumberProblem.NATIONAL:
            words = _(
                "%(number)s starts with 0. Write it with its country code, for instance"
                " %(example)s."
            )
            raise DomainError(words % shown) from refused
        if refused.problem is NumberProblem.NOT_DIGITS:
            words = _(
                "“%(number)s” is no phone number. Write digits only, for instance %(example)s."
            )
            raise DomainError(words % shown) from refused
        raise


def _answer(column: str, given: Mapping[str, str]) -> bool | None:
    said = given.get(column, "").casefold()
    if said not in ANSWERS:
        words = _("“%(said)s” in %(column)s. Write yes, no or nothing.")
        raise DomainError(words % {"said": said[:LONGEST_SHOWN], "column": column})
    return ANSWERS[said]
