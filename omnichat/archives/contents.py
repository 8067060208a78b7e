"""What an archive of a site holds: a tar file, packed by gzip.

`manifest.json`   first: whose it is, and of which migrations
`public.jsonl`    the site's rows of the public schema, `{"table": ..., "row": {...}}` a line
`tables/<name>`   each table of the site's schema, as PostgreSQL's COPY writes text
`files/<name>`    each file of messages, by its name in the storage
`sums.json`       last: how many rows each table has, and the SHA-256 of every member before

Secrets are in it as in the database, encrypted by `ENCRYPTION_KEYS`; texts and numbers are not.
"""

import json
from dataclasses import asdict, dataclass, field

FORMAT = 1
MANIFEST = "manifest.json"
PUBLIC = "public.jsonl"
TABLES = "tables/"
FILES = "files/"
SUMS = "sums.json"

DATES = "ISO"  # whatever a server writes by itself

# Who is logged in is not kept: a session is a key to the console.
NOT_KEPT = frozenset({"django_session"})


class ArchiveRefused(Exception):
    """Nothing was written or read; the words say why, for an operator."""


@dataclass(frozen=True)
class Manifest:
    """Whose archive it is, and what a database must be like to take it."""

    slug: str
    cloud_id: str
    schema_name: str
    migrations: list[list[str]]
    last_transaction: int
    """Of the audit log: no event of the site has a higher one."""
    sequences: dict[str, int | None]
    exported_at: str
    format: int = FORMAT

    def to_json(self) -> bytes:
        return json.dumps(asdict(self), indent=1).encode()

    @classmethod
    def from_json(cls, text: bytes) -> "Manifest":
        """Raises ArchiveRefused for anything else than a manifest of this format."""
        try:
            return cls(**json.loads(text))
        except (ValueError, TypeError):
            raise ArchiveRefused("This is no archive of a site.") from None


@dataclass
class Sums:
    """What was written, so that a cut or changed archive is not taken for whole."""

    sha256: dict[str, str] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)

    def to_json(self) -> bytes:
        return json.dumps(asdict(self), indent=1).encode()
