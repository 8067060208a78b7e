"""Offers plain look-alikes for typographic characters that would make an SMS dearer."""

import re
import unicodedata
from dataclasses import dataclass

from conversations.sms_text.alphabets import DEFAULT, NationalTable
from conversations.sms_text.parts import SmsMeasure, measure, normalise

LOOK_ALIKES = {
    **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u2035\u02bc\u2039\u203a`\u00b4", "'"),
    **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u2036\u00ab\u00bb", '"'),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2022\u2023\u2043", "-"),
    **dict.fromkeys("\t\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008", " "),
    **dict.fromkeys("\u2009\u200a\u202f\u205f\u3000", " "),
    **dict.fromkeys("\u2028\u2029", "\n"),
    **dict.fromkeys("\u00ad\u200b\u200e\u200f\u2060\ufeff", ""),
    "\u2026": "...",
    "\u00b7": ".",
    "\u2044": "/",
    "\ufb01": "fi",
    "\ufb02": "fl",
}
# macOS writes some letters as base and accent; the default alphabet has them only in one piece.
COMPOSED = {
    pair: letter for letter in DEFAULT if len(pair := unicodedata.normalize("NFD", letter)) > 1
}
REPLACEABLE = re.compile("|".join(map(re.escape, [*COMPOSED, *LOOK_ALIKES])))


@dataclass(frozen=True)
class Saving:
    """An offer to send `text` instead, with what both cost and the characters it would replace."""

    text: str
    before: SmsMeasure
    after: SmsMeasure
    replaced: tuple[str, ...]

    @property
    def parts_saved(self) -> int:
        return self.before.parts - self.after.parts


def plain(text: str) -> str:
    """Return the text with look-alikes from the default alphabet, unless that took more parts.

    Letters stay what they are: a name without its accents is another name.
    """
    text = normalise(text)
    replaced = REPLACEABLE.sub(_look_alike, text)
    return replaced if measure(replaced).parts <= measure(text).parts else text


def look_alike_saving(text: str, *, national: NationalTable = NationalTable.NONE) -> Saving | None:
    """Return the offer, or None when it would not save a whole part."""
    text = normalise(text)
    replacement = plain(text)
    before, after = measure(text, national=national), measure(replacement, national=national)
    if after.parts >= before.parts:
        return None
    return Saving(replacement, before, after, tuple(dict.fromkeys(REPLACEABLE.findall(text))))


def _look_alike(found: re.Match[str]) -> str:
    return COMPOSED.get(found.group()) or LOOK_ALIKES[found.group()]
