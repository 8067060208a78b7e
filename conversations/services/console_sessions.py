"""Ending the console's sessions to which nobody comes back."""

from conversations import audit
from logins import attempts, sessions


def sweep() -> int:
    """Remove expired sessions of the current site, each end recorded, and old counts of tries."""
    attempts.forget_old()
    return sessions.end_expired(_record)


def _record(username: str) -> None:
    audit.record(
        "console.session-ended",
        actor_kind=audit.Actor.ADMIN,
        actor=username,
        why=str(sessions.Over.AGE),
    )
