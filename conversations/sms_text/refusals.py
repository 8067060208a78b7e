"""Says why a text cannot be sent as SMS; the words for it belong to the panel."""

from dataclasses import dataclass
from enum import StrEnum

from conversations.sms_text.alphabets import GSM7, UCS2, NationalTable
from conversations.sms_text.parts import CHARACTER_LIMIT, measure, normalise

PROVIDER_PARTS = 25
PROVIDER_BYTES = 4000
CONTROLS = frozenset(map(chr, [*range(0x20), *range(0x7F, 0xA0)])) - frozenset("\t\n\f")
SURROGATES = frozenset(map(chr, range(0xD800, 0xE000)))
INVISIBLE = frozenset("\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff")


@dataclass(frozen=True)
class Longest:
    """How many characters the provider takes, by what they are."""

    gsm7: int = PROVIDER_PARTS * GSM7.one_of_several
    unicode: int = PROVIDER_PARTS * UCS2.one_of_several
    three_bytes_each: int = PROVIDER_BYTES // 3


LONGEST_SENDABLE = Longest()


class TextProblemCode(StrEnum):
    EMPTY = "EMPTY"
    CONTROL_CHARACTER = "CONTROL_CHARACTER"
    LONE_SURROGATE = "LONE_SURROGATE"
    TOO_LONG = "TOO_LONG"
    TOO_MANY_PARTS = "TOO_MANY_PARTS"
    TOO_MANY_BYTES = "TOO_MANY_BYTES"


@dataclass(frozen=True)
class TextProblem:
    """A refusal and its figures. `offending` names the characters, as in "U+0000"."""

    code: TextProblemCode
    found: int = 0
    allowed: int = 0
    offending: tuple[str, ...] = ()


def refusal(
    text: str, *, limit: int = CHARACTER_LIMIT, national: NationalTable = NationalTable.NONE
) -> TextProblem | None:
    """Return the first reason against sending the text, or None if it can be sent."""
    text = normalise(text)
    return (
        _unsendable(text, SURROGATES, TextProblemCode.LONE_SURROGATE)
        or _unsendable(text, CONTROLS, TextProblemCode.CONTROL_CHARACTER)
        or _blank(text)
        or _oversized(text, limit, national)
    )


def _unsendable(text: str, unwanted: frozenset[str], code: TextProblemCode) -> TextProblem | None:
    found = [character for character in text if character in unwanted]
    if not found:
        return None
    names = tuple(f"U+{ord(character):04X}" for character in dict.fromkeys(found))
    return TextProblem(code, found=len(found), offending=names)


def _blank(text: str) -> TextProblem | None:
    if all(character.isspace() or character in INVISIBLE for character in text):
        return TextProblem(TextProblemCode.EMPTY)
    return None


def _oversized(text: str, limit: int, national: NationalTable) -> TextProblem | None:
    size = measure(text, national=national)
    octets = len(text.encode())
    if size.characters > limit:
        return TextProblem(TextProblemCode.TOO_LONG, size.characters, limit)
    if size.parts > PROVIDER_PARTS:
        return TextProblem(TextProblemCode.TOO_MANY_PARTS, size.parts, PROVIDER_PARTS)
    if octets > PROVIDER_BYTES:
        return TextProblem(TextProblemCode.TOO_MANY_BYTES, octets, PROVIDER_BYTES)
    return None
