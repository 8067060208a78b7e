"""Waking workers and ringing panels after a commit: hints, never the truth."""

from celery import current_app
from django.db import transaction

from conversations.bell import BELL, PresenceRing, Ring, SiteRing
from conversations.coalescing import Coalescer
from tenants.context import current_schema
from tenants.side_connection import SideConnection

TASKS_AT_ONCE = 8  # the threads of a worker: as many sites are looked after at the same time
SHARED = {"conversations.tasks.drain_inbox"}  # one task may be for several sites

_bell_connection = SideConnection()


def wake(task_name: str) -> None:
    """Have a worker run `task_name` for the current site, soon after the commit."""
    schema_name = current_schema()
    transaction.on_commit(lambda: wake_now(task_name, schema_name))


def wake_now(task_name: str, schema_name: str) -> None:
    """Have a worker run `task_name` for a site; what it shall find is committed already."""
    _wakes.add((task_name, schema_name))


def ring(conversation_id: int, version: int, *, begun_on: str = "") -> None:
    """Ring the open panels of a conversation of the current site, soon after the commit.

    `begun_on` is the issue of one that has only begun, for the panels that are open there already.
    """
    subject = (current_schema(), conversation_id, begun_on)
    transaction.on_commit(lambda: _bells.add(subject, version))


def ring_presence(issue_id: str, account_id: str) -> None:
    """Ring the other agents' panels of a request, soon after the commit: look who is there."""
    presence_ring = PresenceRing(current_schema(), issue_id, account_id)
    transaction.on_commit(lambda: _presence_bells.add(presence_ring))


def ring_site() -> None:
    """Ring all open panels of the current site, soon after the commit."""
    site_ring = SiteRing(current_schema())
    transaction.on_commit(lambda: _site_bells.add(site_ring))


def _publish(subjects: list[tuple[tuple[str, str], int]]) -> None:
    """Send a task for each site, or for several of those whose drain waits for no neighbour.

    A task costs the process that sends it five times what it takes to keep a message: in a rush at
    many sites that would be most of what a webhook does.
    """
    waiting: dict[str, list[str]] = {}
    for (task_name, schema_name), _number in subjects:
        waiting.setdefault(task_name, []).append(schema_name)
    for task_name, schema_names in waiting.items():
        size = -(-len(schema_names) // TASKS_AT_ONCE) if task_name in SHARED else 1
        for start in range(0, len(schema_names), size):
            some = schema_names[start : start + size]
            current_app.send_task(task_name, some, retry=False, expires=60)


def _notify(subjects: list[tuple[tuple[str, int, str], int]]) -> None:
    payloads = [
        str(Ring(schema_name, conversation_id, version, issue_id))
        for (schema_name, conversation_id, issue_id), version in subjects
    ]
    _say(payloads)


def _notify_presence(rings: list[tuple[PresenceRing, int]]) -> None:
    _say([str(each) for each, _number in rings])


def _notify_sites(rings: list[tuple[SiteRing, int]]) -> None:
    _say([str(each) for each, _number in rings])


def _say(payloads: list[str]) -> None:
    _bell_connection.execute(
        "SELECT pg_notify(%s, payload) FROM unnest(%s::text[]) AS payload", (BELL, payloads)
    )


_wakes: Coalescer[tuple[str, str]] = Coalescer(_publish)
_bells: Coalescer[tuple[str, int, str]] = Coalescer(_notify)
_presence_bells: Coalescer[PresenceRing] = Coalescer(_notify_presence)
_site_bells: Coalescer[SiteRing] = Coalescer(_notify_sites)
