"""What the calls on a request show: whether the app sees it, and whether it may change it."""

from collections.abc import Iterator
from contextlib import contextmanager

from conversations.errors import PermanentFailure
from conversations.services.known_requests import take_visibility
from jira_bridge.http import RefusedByJira

NOT_VISIBLE = "404"  # deleted, or hidden from the app: Jira does not say which
# Permissions come within minutes of an installation; others wait until an admin grants them, and
# every call costs points that all sites share.
TRIES_SOON = 12
REFUSED_FOR_LONG_SECONDS = 3600.0


@contextmanager
def noticing(issue_id: str, *, attempt: int) -> Iterator[None]:
    """Note what a call on a request shows; its failure goes on.

    One that is refused again and again is tried once an hour.
    """
    try:
        yield
    except PermanentFailure as failure:
        if failure.code == NOT_VISIBLE:
            take_visibility(issue_id, hidden=True)
        raise
    except RefusedByJira as failure:
        if attempt > TRIES_SOON:
            failure.retry_after = REFUSED_FOR_LONG_SECONDS
        raise
    take_visibility(issue_id, hidden=False)
