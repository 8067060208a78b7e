"""Documents in one SQLite file, so that a second `make run` finds what the first one left."""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = """
CREATE TABLE IF NOT EXISTS document (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (kind, key)
);
CREATE TABLE IF NOT EXISTS counter (kind TEXT PRIMARY KEY, value INTEGER NOT NULL);
"""

PUT = """
INSERT INTO document (kind, key, body) VALUES (?, ?, ?)
ON CONFLICT (kind, key) DO UPDATE SET body = excluded.body
"""

NEXT = """
INSERT INTO counter (kind, value) VALUES (?, 1)
ON CONFLICT (kind) DO UPDATE SET value = value + 1 RETURNING value
"""


class Store:
    """Every write is its own transaction; called from one thread at a time.

    WAL with synchronous=NORMAL: a killed process loses nothing, a power cut the last moments.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Tests drive the event loop from a thread of its own.
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(SCHEMA)

    def put(self, kind: str, key: str, document: dict[str, Any]) -> None:
        """Write the document; one that is replaced keeps its place in the order."""
        self._db.execute(PUT, (kind, key, json.dumps(document, ensure_ascii=False)))

    def get(self, kind: str, key: str) -> dict[str, Any] | None:
        query = "SELECT body FROM document WHERE kind = ? AND key = ?"
        row = self._db.execute(query, (kind, key)).fetchone()
        return None if row is None else json.loads(row[0])

    def all(self, kind: str) -> list[dict[str, Any]]:
        query = "SELECT body FROM document WHERE kind = ? ORDER BY number"
        return [json.loads(body) for (body,) in self._db.execute(query, (kind,))]

    def delete(self, kind: str, key: str) -> None:
        self._db.execute("DELETE FROM document WHERE kind = ? AND key = ?", (kind, key))

    def next_number(self, kind: str) -> int:
        """Count up from 1, never giving a number twice, not even after a restart."""
        (value,) = self._db.execute(NEXT, (kind,)).fetchone()
        return int(value)

    def close(self) -> None:
        self._db.close()
