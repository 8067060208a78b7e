"""Keys of rows in addresses and forms, which anybody can write."""

import re

KEY = re.compile(r"[0-9]{1,18}")  # what a column of keys holds, and no longer


def key_in(text: str) -> int | None:
    """Return the key that a text says; None if it is none."""
    return int(text) if KEY.fullmatch(text) else None
