"""The variables of the site's own texts: `{{customer.name}}` and the like."""

import re
from collections.abc import Collection, Mapping

# Blanks around the name are cut off afterwards: looked for here, a long row of them takes for ever.
VARIABLE = re.compile(r"\{\{([^{}\n]*)\}\}")
BLANKS = " \t"
# Also what was begun and not closed, or closed and not begun.
BRACES = re.compile(r"\{\{[^{}\n]*(?:\}\})?|\}\}")


def name_in(found: re.Match[str]) -> str:
    """Return the name of a variable that was found."""
    return found[1].strip(BLANKS)


def names_in(text: str) -> list[str]:
    """Return the variables that stand in a text, each once, in their order."""
    return list(dict.fromkeys(map(name_in, VARIABLE.finditer(text))))


def unknown_names(text: str, allowed: Collection[str]) -> list[str]:
    """Return what looks like a variable and is none of the allowed, as it is written."""
    pieces = dict.fromkeys(BRACES.findall(text))
    return [
        piece
        for piece in pieces
        if not ((variable := VARIABLE.fullmatch(piece)) and name_in(variable) in allowed)
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
        # Begun at the first of a row of blanks only, for the same reason.
        last = rf"(?:,|(?<![ \t,]))[ \t]*{variable}(?=[ \t]*(?:[,;:.!?]|$))"
        other = rf"(?<![ \t])[ \t]*{variable}"
        text = re.sub(rf"{first}|{last}|{other}", "", text, flags=re.MULTILINE)
    return VARIABLE.sub(lambda found: values.get(name_in(found), found[0]), text)
