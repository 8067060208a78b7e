"""What a neighbour sent, with the words and numbers of people hidden: its shape stays readable."""

import json
import re
from typing import Any

from conversations.phone_numbers import HIDDEN

CODE = re.compile(r"[A-Z][A-Z0-9_]{2,}|[0-9]{1,6}|")
TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+([+-][0-9:]{4,5}|Z)?")
LONG_NUMBER = re.compile(r"[0-9](?:[ ./()-]?[0-9]){6,}")
SHOWN_OF_NUMBER = 2
# What people write, be it in capitals or a code.
WORDS = frozenset({"text", "cleanText", "caption", "title", "value"})


def masked(body: bytes) -> str:
    """Return a body as indented JSON without texts, names and whole numbers.

    Ids, times and the provider's own words in capitals stay. Of what is not JSON only its length is
    told.
    """
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        return _hidden(body.decode(errors="replace"))
    return json.dumps(_masked(parsed, key=""), indent=2, ensure_ascii=False)


def hide_numbers(text: str) -> str:
    """Return a text with the middle of each number hidden that is long enough to be dialled."""
    return LONG_NUMBER.sub(_masked_number, text)


def _masked(value: Any, *, key: str) -> Any:
    match value:
        case dict():
            return {str(name): _masked(each, key=str(name)) for name, each in value.items()}
        case list():
            return [_masked(each, key=key) for each in value]
        case str():
            return _masked_text(value, key=key)
        case bool() | None:
            return value
        case _:
            return LONG_NUMBER.sub(_masked_number, str(value)) if _is_long(value) else value


def _masked_text(text: str, *, key: str) -> str:
    if key in WORDS:
        return _hidden(text)
    if _names_a_thing(key) or CODE.fullmatch(text) or TIME.fullmatch(text):
        return text
    if LONG_NUMBER.fullmatch(text.removeprefix("+")):
        return LONG_NUMBER.sub(_masked_number, text)
    return _hidden(text)


def _names_a_thing(key: str) -> bool:
    names_a_person = "user" in key.lower() or key == "waId"
    return key.endswith(("Id", "id", "ID")) and not names_a_person


def _masked_number(found: re.Match[str]) -> str:
    digits = re.sub(r"[^0-9]", "", found.group())
    hidden = HIDDEN * (len(digits) - 2 * SHOWN_OF_NUMBER)
    return f"{digits[:SHOWN_OF_NUMBER]}{hidden}{digits[-SHOWN_OF_NUMBER:]}"


def _hidden(text: str) -> str:
    return f"{HIDDEN * 3} ({len(text)})"


def _is_long(value: Any) -> bool:
    return LONG_NUMBER.search(str(value)) is not None
