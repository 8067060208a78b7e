"""Whether a template can be sent with what an agent filled in, in words for the agent."""

import re
from collections.abc import Mapping

from django.utils.translation import gettext as _

from conversations.templates import (
    Structure,
    Variable,
    location_of,
    longest_body,
    numbers_in,
    preview,
    value_of,
    variables_of,
    words,
)

# Infobip's rule, and Meta's: "cannot have new-line/tab characters or more than 4 consecutive
# spaces".
NEW_LINES = re.compile("[\n\r\t\v\f\x85\u2028\u2029]")
MANY_SPACES = re.compile(" {5}")
UNSENDABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]")
SPACES = re.compile(r"\s")


def problems(structure: Structure, values: Mapping[str, str]) -> dict[str, str]:
    """Return what is wrong, by the variable's key; nothing when it can be sent.

    "body" has what is wrong with the whole of the body.
    """
    found = {
        variable.key: problem
        for variable in variables_of(structure)
        if (problem := _problem(variable, value_of(variable, values)))
    }
    return found or _too_long(structure, values)


def _problem(variable: Variable, value: str) -> str:
    if not value:
        return _missing(variable)
    if variable.file is not None:
        return ""
    if variable.key == "header.location":
        return "" if location_of(value) else _no_place()
    return _unsendable(variable, value)


def _unsendable(variable: Variable, value: str) -> str:
    if NEW_LINES.search(value):
        return _("WhatsApp takes no new lines and no tabs here. Write it in one line.")
    if MANY_SPACES.search(value):
        return _("WhatsApp takes no more than 4 spaces in a row here. Remove some.")
    if UNSENDABLE.search(value):
        return _("This holds characters that cannot be sent. Type it again.")
    if variable.key.startswith("button.") and variable.required and SPACES.search(value):
        return _("No spaces can stand here. Remove them.")
    if len(value) > variable.longest:
        return _("%(found)d characters, %(allowed)d are allowed. Shorten it.") % {
            "found": len(value),
            "allowed": variable.longest,
        }
    return ""


def _missing(variable: Variable) -> str:
    if variable.key == "header.file":
        return _("Attach the file for the header.")
    if variable.key == "header.location":
        return _no_place()
    return _("Fill this in: the customer would see “%(label)s” without it.") % {
        "label": variable.label
    }


def _no_place() -> str:
    return _("Enter latitude and longitude: 45.8131, 15.9772.")


def _too_long(structure: Structure, values: Mapping[str, str]) -> dict[str, str]:
    length, longest = len(words(preview(structure, values).body)), longest_body(structure)
    if length <= longest or not numbers_in(structure.body):
        return {}
    return {
        "body": _(
            "With the values filled in, the text has %(found)d characters, %(allowed)d are"
            " allowed. Shorten a value."
        )
        % {"found": length, "allowed": longest}
    }
