"""What workers do for the domain; a task names its site's schema first, or visits them all.

A site that is not active sleeps: what it has kept and promised waits until it is marked again.
"""

import logging
from collections.abc import Callable, Sequence

from celery import current_app, shared_task

from conversations import audit, files, inbox, outbox, sweeps
from conversations.services import attention, chain_checks, console_sessions, retention, uploads
from tenants import erasure, pending_work, pulses, turns
from tenants.broken_connections import leave_broken_connection
from tenants.context import schema_context, tenant_context
from tenants.directory import site_at_work, sites_at_work

logger = logging.getLogger(__name__)
SEALED_AT_ONCE = 10  # sites of a task
WORK = {"inbox": inbox.drain, "outbox": outbox.drain, "audit": audit.seal}


@shared_task
def drain_inbox(*schema_names: str) -> int:
    """Take in what one or several sites have kept; a site that fails stops no other."""
    taken_in, failed = 0, None
    for schema_name in schema_names:
        try:
            taken_in += _at(schema_name, inbox.drain)
        except Exception as failure:  # noqa: BLE001 - raised again when all have had their turn
            failed = failure
            leave_broken_connection()
    if failed:
        raise failed
    return taken_in


@shared_task
def drain_outbox(schema_name: str) -> int:
    return _at(schema_name, outbox.drain)


def _at(schema_name: str, drain: Callable[[], int]) -> int:
    site = site_at_work(schema_name)
    if site is None:
        return 0
    # As it is now: for the second that a drain lasts it is not read again.
    with tenant_context(site):
        return drain()


@shared_task
def dispatch_sweeps() -> int:
    """One task a tick for all sites: wake a sweep for those that have something due."""
    pulses.note(pulses.SWEEP)
    sent, to_seal = 0, []
    for schema_name, work in sweeps.sites_with_work():
        if work == ["audit"]:
            to_seal.append(schema_name)
        else:
            _send(sweep_site.name, schema_name, work)
            sent += 1
    for start in range(0, len(to_seal), SEALED_AT_ONCE):
        _send(seal_sites.name, to_seal[start : start + SEALED_AT_ONCE])
    return sent + len(to_seal)


def _send(task_name: str, *arguments: object) -> None:
    current_app.send_task(task_name, arguments, retry=False, expires=30)


@shared_task
def mark_every_site() -> int:
    """Have every site swept once within the hour, whatever its mark says."""
    return pending_work.mark_every_site()


@shared_task
def sweep_site(schema_name: str, work: Sequence[str] = sweeps.WORK) -> None:
    """Do what lost nudges have left undone at a site, then let its mark rest."""
    mark = pending_work.read_mark(schema_name)
    if mark is None:
        return
    site = site_at_work(schema_name)
    if site is not None:
        with tenant_context(site):
            for kind in work:
                WORK[kind]()
    sweeps.let_rest([mark])


@shared_task
def seal_sites(schema_names: list[str]) -> None:
    """Seal what some sites have recorded, and let their marks rest; one that fails stops no other.

    A site where anything happened comes here half a minute later: a sweep of its own would cost it
    twice as much.
    """
    marks = {mark.schema_name: mark for mark in pending_work.read_marks(schema_names)}
    for schema_name in sites_at_work(list(marks)):
        try:
            with schema_context(schema_name):
                audit.seal()
        except Exception:
            logger.exception("site_not_sealed", extra={"schema": schema_name})
    sweeps.let_rest(list(marks.values()))


@shared_task
def remove_forgotten_uploads() -> int:
    """Remove what agents have attached and not sent, at the sites in turn; and who was where.

    A site that fails stops no other.
    """
    removed = 0
    for schema_name in turns.sites_in_turn("forgotten-uploads"):
        try:
            with schema_context(schema_name):
                removed += uploads.remove_forgotten()
                attention.forget_presence()
        except Exception:
            logger.exception("uploads_not_removed", extra={"schema": schema_name})
    return removed


@shared_task
def keep_records() -> int:
    """Remove what was kept for long enough, and have audit chains checked, at the sites in turn.

    A site that fails stops no other.
    """
    visited = 0
    for schema_name in turns.sites_in_turn("keep-records"):
        try:
            with schema_context(schema_name):
                chain_checks.ask_if_due()
                retention.visit()
            visited += 1
        except Exception:
            logger.exception("records_not_kept", extra={"schema": schema_name})
    return visited


@shared_task
def end_console_sessions() -> int:
    """Remove the expired sessions of the consoles in turn. A site that fails stops no other."""
    ended = 0
    for schema_name in turns.sites_in_turn("console-sessions"):
        try:
            with schema_context(schema_name):
                ended += console_sessions.sweep()
        except Exception:
            logger.exception("sessions_not_ended", extra={"schema": schema_name})
    return ended


@shared_task
def forget_pulses() -> int:
    """Remove what processes said that have been gone for long."""
    return pulses.forget_old()


@shared_task
def erase_sites() -> int:
    """Erase the sites that were uninstalled long ago."""
    return erasure.erase_due(files.remove_some)
