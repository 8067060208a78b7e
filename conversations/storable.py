"""What others send us, without what PostgreSQL's text and jsonb cannot hold."""

import re
from math import isfinite
from typing import Any

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(value: Any) -> Any:
    """Return a JSON value with NUL and lone surrogates replaced, NaN and infinities as null.

    Raises RecursionError for a value nested too deeply.
    """
    if isinstance(value, str):
        return UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", value)
    if isinstance(value, dict):
        return {storable(name): storable(found) for name, found in value.items()}
    if isinstance(value, list):
        return [storable(found) for found in value]
    return None if isinstance(value, float) and not isfinite(value) else value
