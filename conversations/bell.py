"""What the bell says: the one line between the process that rings and the one that listens."""

from dataclasses import dataclass

BELL = "omnichat_bell"  # PostgreSQL's channel, one for all sites
PRESENCE = "presence"
SITE = "site"


@dataclass(frozen=True)
class Ring:
    """A conversation of a site has changed up to this version. Ids only.

    `issue_id` is said of one that has only begun: the panels of its request do not know it yet.
    """

    schema_name: str
    conversation_id: int
    version: int
    issue_id: str = ""

    def __str__(self) -> str:
        ids = f"{self.schema_name}:{self.conversation_id}:{self.version}"
        return f"{ids}:{self.issue_id}" if self.issue_id else ids

    @classmethod
    def parse(cls, payload: str) -> "Ring | None":
        """Read a payload; None when it is not one of ours."""
        try:
            schema_name, conversation_id, version, *issue_id = payload.split(":", 3)
            return cls(schema_name, int(conversation_id), int(version), *issue_id)
        except ValueError:
            return None


@dataclass(frozen=True)
class PresenceRing:
    """Another agent is seen, writes or has left on a request; who it was need not be told. Ids."""

    schema_name: str
    issue_id: str
    account_id: str

    def __str__(self) -> str:
        return f"{PRESENCE}:{self.schema_name}:{self.issue_id}:{self.account_id}"

    @classmethod
    def parse(cls, payload: str) -> "PresenceRing | None":
        """Read a payload; None when it is not one of these."""
        kind, *ids = payload.split(":", 3)
        return cls(*ids) if kind == PRESENCE and len(ids) == 3 else None  # noqa: PLR2004 - ids


@dataclass(frozen=True)
class SiteRing:
    """What all conversations of a site show has changed: its licence, or one of its senders."""

    schema_name: str

    def __str__(self) -> str:
        return f"{SITE}:{self.schema_name}"

    @classmethod
    def parse(cls, payload: str) -> "SiteRing | None":
        """Read a payload; None when it is not one of these."""
        kind, *ids = payload.split(":")
        return cls(*ids) if kind == SITE and len(ids) == 1 else None
