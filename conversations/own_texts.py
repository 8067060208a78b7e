"""The variables of the site's own texts: `{{customer.name}}` and the like."""

import re
from collections.abc import Collection, Mapping

VARIABLE = re.compile(r"\{\{[ \t]*([^{}\n]*?)[ \t]*\}\}")
# Also what was begun and not closed, or closed and not begun.
BRACES = re.compile(r"\{\{[^{}\n]*(?:\}\})?|\}\}")


def names_in(text: str) -> list[str]:
    """Return the variables that stand in a text, each once, in their order."""
    return list(dict.fromkeys(VARIABLE.findall(text)))


def unknown_names(text: str, allowed: Collection[str]) -> list[str]:
    """Return what looks like a variable and is none of the allowed, as it is written."""
    pieces = dict.fromkeys(BRACES.findall(text))
    return [
        piece
        for piece in pieces
        if not ((variable := VARIABLE.fullmatch(piece)) and variable[1] in allowed)
    ]


def filled(text: str, values: Mapping[str, str]) -> str:
    """Return the text with the values in it; a variable that has none of them stays as it is.

    An empty value takes along what parted it from the rest: "Hi, {{customer.name}}!" is "Hi!" then.
    What a value holds is never taken for a variable.
    """
    values = {name: " ".join(value.split()) for name, value in values.items()}
    empty = "|".join(re.escape(name) for name, value in values.items() if not value)
    if empty:
        variable = rf"\{{\{{[ \t]*(?:{empty})[ \t]*\}}\}}"
        first = rf"^[ \t]*{variable}[,;:.!?]?[ \t]*"
        last = rf",?[ \t]*{variable}(?=[ \t]*(?:[,;:.!?]|$))"
        text = re.sub(rf"{first}|{last}|[ \t]*{variable}", "", text, flags=re.MULTILINE)
    return VARIABLE.sub(lambda match: values.get(match[1], match[0]), text)
