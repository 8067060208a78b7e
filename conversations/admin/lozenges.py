"""States in a word or two, as the console's lists show them."""

from typing import Literal

from django.utils.html import format_html
from django.utils.safestring import SafeString

Level = Literal["success", "warning", "error", "info", "neutral"]
SIGNS: dict[Level, str] = {"warning": "⚠ ", "error": "✗ "}  # not by colour alone


def lozenge(words: str, level: Level = "neutral") -> SafeString:
    return format_html(
        '<span class="console-lozenge {}">{}{}</span>', level, SIGNS.get(level, ""), words
    )
