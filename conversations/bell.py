"""What the bell says: the one line between the process that rings and the one that listens."""

from dataclasses import dataclass

BELL = "omnichat_bell"  # PostgreSQL's channel, one for all sites


@dataclass(frozen=True)
class Ring:
    """A conversation of a site has changed up to this version. Ids only."""

    schema_name: str
    conversation_id: int
    version: int

    def __str__(self) -> str:
        return f"{self.schema_name}:{self.conversation_id}:{self.version}"

    @classmethod
    def parse(cls, payload: str) -> "Ring | None":
        """Read a payload; None when it is not one of ours."""
        try:
            schema_name, conversation_id, version = payload.rsplit(":", 2)
            return cls(schema_name, int(conversation_id), int(version))
        except ValueError:
            return None
