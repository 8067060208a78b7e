"""The words by which customers opt out and in again, and how a text is compared with them."""

import unicodedata
from collections.abc import Iterable

OUT = frozenset({"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"})
IN = frozenset({"start", "unstop"})
LONGEST_OWN = 40  # characters, of a site's own word


def bare(text: str) -> str:
    """Return a text in one case, without the blanks and punctuation around it."""
    folded = " ".join(text.casefold().split())
    letters = [place for place, character in enumerate(folded) if not _surrounds(character)]
    return folded[letters[0] : letters[-1] + 1] if letters else ""


def bare_words(words: Iterable[str]) -> set[str]:
    return {bare(word) for word in words}


def _surrounds(character: str) -> bool:
    return unicodedata.category(character)[0] in "PZC"
