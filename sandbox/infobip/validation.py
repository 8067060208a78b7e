"""Reads a request as strictly as Infobip does, collecting violations in its words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sandbox.infobip.envelopes import Refused, Violation

if TYPE_CHECKING:
    from starlette.requests import Request

LONGEST_MESSAGE_ID = 200
LONGEST_CALLBACK = 4000
LONGEST_URL = 2048


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
            self._violate(name, "must be a string")
            return ""
        if value is not None and not low <= len(value) <= high:
            self._violate(name, f"size must be between {low} and {high}")
        if required and not (value or "").strip():
            self._violate(name, "must not be blank")
        return value or ""

    def url(self, name: str, *, required: bool = False) -> str:
        value = self.text(name, 1 if required else 0, LONGEST_URL, required=required)
        parts = urlsplit(value)
        if value and not (parts.scheme in {"http", "https"} and parts.hostname):
            self._violate(name, "is not a valid url")
        return value

    def object(self, name: str, *, required: bool = False) -> Fields:
        if required and not isinstance(self.value.get(name), dict):
            self._violate(name, "must not be null")
        return Fields(self.value.get(name), self._path(name), self.violations)

    def list(self, name: str) -> list[Fields]:
        value = self.value.get(name)
        if not isinstance(value, list) or not value:
            self._violate(name, "must not be empty")
            return []
        return [
            Fields(item, f"{self._path(name)}[{index}]", self.violations)
            for index, item in enumerate(value)
        ]

    def refuse_violations(self) -> None:
        if self.violations:
            raise Refused(400, self.violations)

    def _violate(self, name: str, violation: str) -> None:
        self.violations.append((self._path(name), violation))

    def _path(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name
