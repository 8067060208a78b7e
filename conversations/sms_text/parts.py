"""Cuts a text into SMS parts and counts them exactly as they will be charged."""

from dataclasses import dataclass

from conversations.sms_text.alphabets import (
    Alphabet,
    Encoding,
    NationalTable,
    choose,
    strangers,
)

CHARACTER_LIMIT = 1000
PARTS_BEFORE_ASKING = 6


@dataclass(frozen=True)
class SmsMeasure:
    """What a text takes up as SMS.

    `units` are septets, or UTF-16 code units in Unicode: an extension character of GSM-7 and an
    emoji outside the basic plane are two each.
    """

    encoding: Encoding
    units: int
    parts: int
    used_in_last_part: int
    capacity_of_a_part: int
    unicode_characters: tuple[str, ...]

    @property
    def remaining(self) -> int:
        """The units that still fit before another part begins."""
        return self.capacity_of_a_part - self.used_in_last_part

    @property
    def characters(self) -> int:
        """What counts towards the limit of a text: its units, so that the counter adds up."""
        return self.units


@dataclass(frozen=True)
class SmsCounter:
    """The figures beside the box: "3 SMS parts", "Message 61/67", "195/1000"."""

    parts: int
    used: int
    capacity: int
    characters: int
    limit: int
    unicode_characters: tuple[str, ...]

    @property
    def over_limit(self) -> bool:
        return self.characters > self.limit

    @property
    def asks_first(self) -> bool:
        """Each part is charged: beyond this many the agent is asked once."""
        return self.parts > PARTS_BEFORE_ASKING


def normalise(text: str) -> str:
    """Return the text as it is counted, stored and sent: every line ends with a single LF.

    Browsers submit CRLF for what a textarea holds as LF; without this the server counts more.
    """
    return text.replace("\r\n", "\n").replace("\r", "\n")


def measure(text: str, *, national: NationalTable = NationalTable.NONE) -> SmsMeasure:
    text = normalise(text)
    alphabet = choose(text, national)
    used = [_units(part, alphabet) for part in _cut(text, alphabet)]
    several = len(used) > 1
    return SmsMeasure(
        encoding=alphabet.encoding,
        units=sum(used),
        parts=len(used),
        used_in_last_part=used[-1] if used else 0,
        capacity_of_a_part=alphabet.one_of_several if several else alphabet.alone,
        unicode_characters=(
            strangers(text, national) if alphabet.encoding is Encoding.UCS2 else ()
        ),
    )


def counter(
    text: str, *, limit: int = CHARACTER_LIMIT, national: NationalTable = NationalTable.NONE
) -> SmsCounter:
    size = measure(text, national=national)
    return SmsCounter(
        parts=size.parts,
        used=size.used_in_last_part,
        capacity=size.capacity_of_a_part,
        characters=size.characters,
        limit=limit,
        unicode_characters=size.unicode_characters,
    )


def split(text: str, *, national: NationalTable = NationalTable.NONE) -> tuple[str, ...]:
    """Return the parts of the normalised text; joined they are that text.

    A surrogate pair or an extension character never falls across two parts: the part before is a
    unit short instead. Longer clusters (a family emoji, a flag) may: the phone joins the parts.
    """
    text = normalise(text)
    return _cut(text, choose(text, national))


def _cut(text: str, alphabet: Alphabet) -> tuple[str, ...]:
    if not text:
        return ()
    if _units(text, alphabet) <= alphabet.alone:
        return (text,)
    parts = []
    begin = filled = 0
    for index, character in enumerate(text):
        cost = alphabet.cost(character)
        if filled + cost > alphabet.one_of_several:
            parts.append(text[begin:index])
            begin, filled = index, 0
        filled += cost
    return (*parts, text[begin:])


def _units(text: str, alphabet: Alphabet) -> int:
    return sum(map(alphabet.cost, text))
