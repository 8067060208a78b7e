"""What monitoring and the log are told of the outbox: each try by its topic and its end."""

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import Counter
from structlog.contextvars import bound_contextvars

from conversations.models import OutboxEntry

TRIES = Counter(
    "omnichat_outbox_tries", "Tries to keep a promise, by topic and outcome.", ["topic", "outcome"]
)
LOST = Counter("omnichat_leases_lost", "Tries whose lease another worker had taken over.")


@contextmanager
def lines_about(entry: OutboxEntry) -> Iterator[None]:
    """Let the lines of a try name the promise, and what it is about by its id."""
    with bound_contextvars(entry=entry.pk, topic=entry.topic, subject=entry.subject):
        yield


def count(entry: OutboxEntry, outcome: str) -> None:
    TRIES.labels(entry.topic, outcome).inc()
