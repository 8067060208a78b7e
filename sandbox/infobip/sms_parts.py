"""How many parts an SMS takes: the GSM alphabet, its national tables, or UTF-16."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

BASE = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = "\f^{}\\[~]|€"
NATIONAL = {
    "TR": "ĞİŞçğış",
    "ES": "çÁÍÓÚáíóú",
    "PT": "êçÔôÁáÊÀÍÓÚÃÕÂíóúãõâ",
}

GSM = (160, 153)
GSM_NATIONAL = (155, 149)
UNICODE = (70, 67)

MOST_PARTS = 25
MOST_BYTES = 4000


@dataclass(frozen=True)
class Size:
    parts: int
    left: int


def measure(text: str, language: str = "NONE") -> Size:
    """Count the parts and the characters left in the last one."""
    cost, (single, each) = _cost(text, language)
    if sum(cost) <= single:
        return Size(1, single - sum(cost))
    parts, used = 1, 0
    for units in cost:
        # A pair (escape and character, two surrogates) is never split.
        if used + units > each:
            parts, used = parts + 1, 0
        used += units
    return Size(parts, each - used)


def too_long(text: str) -> bool:
    return measure(text).parts > MOST_PARTS or len(text.encode()) > MOST_BYTES


def transliterate(text: str) -> str:
    """Letters outside the alphabet lose their accents."""
    return "".join(c if c in BASE + EXTENSION else _without_accents(c) for c in text)


def _without_accents(character: str) -> str:
    parts = unicodedata.normalize("NFKD", character)
    return "".join(c for c in parts if not unicodedata.combining(c))


def _cost(text: str, language: str) -> tuple[list[int], tuple[int, int]]:
    national = NATIONAL.get(language, "")
    if all(c in BASE or c in EXTENSION or c in national for c in text):
        limits = GSM_NATIONAL if any(c in national for c in text) else GSM
        return [1 if c in BASE else 2 for c in text], limits
    return [len(c.encode("utf-16-le")) // 2 for c in text], UNICODE
