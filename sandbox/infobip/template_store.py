"""The message templates of the accounts, as WhatsApp knows them."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox.infobip.clock import now
from sandbox.infobip.reports import told_time

if TYPE_CHECKING:
    from sandbox.store import Store

KIND = "infobip.template"
BLOCKED_KIND = "infobip.template.blocked"
SEEDED_KIND = "infobip.template.seeded"
FIRST_ID = 640_000
BLOCKED_SECONDS = 30 * 24 * 3600
SENDABLE = {"APPROVED", "REINSTATED", "FLAGGED"}
PLACEHOLDER = re.compile(r"\{\{(\d+)\}\}")


@dataclass
class Template:
    site: str
    name: str
    language: str
    category: str
    structure: dict[str, Any]
    status: str = "PENDING"
    quality: str = "UNKNOWN"
    id: str = ""
    at: float = field(default_factory=now)
    updated_at: float = field(default_factory=now)
    edited_at: float = 0
    """When it was last edited while approved."""

    def shown(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "businessAccountId": FIRST_ID + len(self.site),
            "name": self.name,
            "language": self.language,
            "status": self.status,
            "category": self.category,
            "structure": self.structure,
            "quality": self.quality,
            "createdAt": told_time(self.at),
            "lastUpdatedAt": told_time(self.updated_at),
        }

    def shown_in_version_1(self) -> dict[str, Any]:
        """In the deprecated list body and footer are plain texts."""
        structure = dict(self.structure)
        for part in ("body", "footer"):
            if isinstance(structure.get(part), dict):
                structure[part] = structure[part].get("text", "")
        return self.shown() | {"structure": structure}


class Templates:
    def __init__(self, store: Store) -> None:
        self._store = store

    def all(self, site: str) -> list[Template]:
        rows = [Template(**row) for row in self._store.all(KIND)]
        return [template for template in rows if template.site == site]

    def with_id(self, template_id: str) -> Template | None:
        kept = self._store.get(KIND, template_id)
        return None if kept is None else Template(**kept)

    def find(self, site: str, name: str, language: str) -> Template | None:
        found = (t for t in self.all(site) if (t.name, t.language) == (name, language))
        return next(found, None)

    def add(self, template: Template) -> Template:
        template.id = str(FIRST_ID + self._store.next_number(KIND))
        self.save(template)
        return template

    def save(self, template: Template) -> None:
        template.updated_at = now()
        self._store.put(KIND, template.id, asdict(template))

    def delete(self, site: str, name: str) -> list[Template]:
        """Delete the template in all its languages; an approved name is blocked for 30 days."""
        gone = [template for template in self.all(site) if template.name == name]
        for template in gone:
            self._store.delete(KIND, template.id)
        if any(template.status == "APPROVED" for template in gone):
            self._store.put(BLOCKED_KIND, f"{site}/{name}", {"until": now() + BLOCKED_SECONDS})
        return gone

    def is_blocked(self, site: str, name: str) -> bool:
        kept = self._store.get(BLOCKED_KIND, f"{site}/{name}")
        return kept is not None and kept["until"] > now()

    def seed(self, site: str, templates: list[Template]) -> None:
        """Give the account its first templates, once: who deletes them does not get them again."""
        if self._store.get(SEEDED_KIND, site) is None:
            self._store.put(SEEDED_KIND, site, {"site": site})
            for template in templates:
                self.add(template)


def placeholders_in(text: str) -> list[int]:
    return sorted({int(number) for number in PLACEHOLDER.findall(text)})


def filled(text: str, values: list[str]) -> str:
    """Put the values in; a placeholder without one stays."""
    numbered = {str(number): value for number, value in enumerate(values, start=1)}
    return PLACEHOLDER.sub(lambda found: numbered.get(found.group(1), found.group(0)), text)
