"""Remembering whether Jira shows the app a request, by what becomes of the calls on it."""

from collections.abc import Iterator
from contextlib import contextmanager

from conversations.errors import PermanentFailure
from conversations.services.lifecycle import take_visibility

NOT_VISIBLE = "404"  # deleted, or hidden from the app: Jira does not say which


@contextmanager
def noticing(issue_id: str) -> Iterator[None]:
    """Note what a call on a request shows; its failure goes on."""
    try:
        yield
    except PermanentFailure as failure:
        if failure.code == NOT_VISIBLE:
            take_visibility(issue_id, hidden=True)
        raise
    take_visibility(issue_id, hidden=False)
