"""Reading Infobip's objects: almost every field may be missing, null or of another type."""

from typing import Any


def text_of(fields: dict[str, Any], *names: str) -> str:
    """Return the first of the fields that holds words or a number; empty when none does."""
    for name in names:
        found = fields.get(name)
        if isinstance(found, str) and found:
            return found
        if isinstance(found, int | float) and not isinstance(found, bool):
            return str(found)
    return ""


def mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def mappings(value: Any) -> list[dict[str, Any]]:
    """Return the objects of a list; one that stands alone is a list of one."""
    found = value if isinstance(value, list) else [value]
    return [each for each in found if isinstance(each, dict)]


def digits(number: str) -> str:
    return number.replace(" ", "").removeprefix("+")
