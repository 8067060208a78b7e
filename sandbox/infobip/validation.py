"""Reads a request as strictly as Infobip does, collecting violations in its words."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sandbox.infobip.envelopes import Refused, Violation

if TYPE_CHECKING:
    from starlette.requests import Request

LONGEST_MESSAGE_ID = 200
LONGEST_CALLBACK = 4000
LONGEST_URL = 2048
BREAKS_A_LINE = re.compile(r"[\n\r\t]| {5,}")


async def read_object(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.body())
    except ValueError:
        raise Refused(400) from None
    if not isinstance(body, dict):
        raise Refused(400)
    return body


class Fields:
    """One object of a request; unknown fields are let through, as Infobip does."""

    def __init__(self, value: Any, path: str, violations: list[Violation]) -> None:
        self.given = isinstance(value, dict)
        self.value: dict[str, Any] = value if isinstance(value, dict) else {}
        self.path = path
        self.violations = violations

    def text(self, name: str, low: int, high: int, *, required: bool = False) -> str:
        value = self.value.get(name)
        if value is not None and not isinstance(value, str):
            self.violate(name, "must be a string")
            return ""
        if value is not None and not low <= len(value) <= high:
            self.violate(name, f"size must be between {low} and {high}")
        if required and not (value or "").strip():
            self.violate(name, "must not be blank")
        return value or ""

    def line(self, name: str, low: int, high: int, *, required: bool = False) -> str:
        """Read a text that stands in one line of a template."""
        value = self.text(name, low, high, required=required)
        if BREAKS_A_LINE.search(value):
            self.violate(
                name,
                "cannot have new-line/tab characters or more than 4 consecutive spaces",
            )
        return value

    def url(self, name: str, *, required: bool = False, longest: int = LONGEST_URL) -> str:
        value = self.text(name, 1 if required else 0, longest, required=required)
        parts = urlsplit(value)
        if value and not (parts.scheme in {"http", "https"} and parts.hostname):
            self.violate(name, "is not a valid url")
        return value

    def number(self, name: str, low: float, high: float, *, required: bool = False) -> float:
        value = self.value.get(name)
        if value is None:
            if required:
                self.violate(name, "must not be null")
            return 0
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.violate(name, "must be a number")
            return 0
        if value < low:
            self.violate(name, f"must be greater than or equal to {low}")
        if value > high:
            self.violate(name, f"must be less than or equal to {high}")
        return value

    def choice(self, name: str, choices: tuple[str, ...]) -> str:
        value = self.value.get(name)
        if value not in choices:
            self.violate(name, f"must be one of {', '.join(choices)}")
            return ""
        return str(value)

    def object(self, name: str, *, required: bool = False) -> Fields:
        if required and not isinstance(self.value.get(name), dict):
            self.violate(name, "must not be null")
        return Fields(self.value.get(name), self._path(name), self.violations)

    def list(self, name: str, most: int | None = None, *, required: bool = True) -> list[Fields]:
        value = self.value.get(name)
        if not isinstance(value, list) or not value:
            if required or value is not None:
                self.violate(name, "must not be empty")
            return []
        if most is not None and len(value) > most:
            self.violate(name, f"size must be between 1 and {most}")
        return [
            Fields(item, f"{self._path(name)}[{index}]", self.violations)
            for index, item in enumerate(value)
        ]

    def refuse_violations(self) -> None:
        if self.violations:
            raise Refused(400, self.violations)

    def violate(self, name: str, violation: str) -> None:
        self.violations.append((self._path(name), violation))

    def _path(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path and name else self.path or name
