"""Asking the provider for what we may have missed: after an outage of ours, or when an admin asks.

What is found enters by the inbox, as if the webhook had brought it: what we have is not new again.
"""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from time import sleep

from django.db import Error, connection
from django.utils import timezone
from django.utils.translation import gettext as _

from channels import blocklist
from channels.intake import SOURCE
from channels.models import ProviderAccount, Reconciliation
from channels.provider import missed_provider, webhook_provider
from conversations import audit, inbox
from conversations.contracts import Channel, Promise, SendState
from conversations.errors import PermanentFailure
from conversations.models import Send
from conversations.outbox import promise

TOPIC = "provider.reconcile"
KEPT_FOR = timedelta(hours=48)  # by the provider
# The provider itself tries for 41 hours; our own look is for what that has left out.
OUTAGE = timedelta(hours=2)
STILL_ON_ITS_WAY = timedelta(minutes=2)
MOST_SENDS = 2500  # half of what the provider lets its log be asked in a minute
STORE_WAITS = (0.5, 2.0, 5.0)  # seconds, for a database that is just restarting


def ask(cause: Reconciliation.Cause, *, since: datetime | None = None, by: str = "") -> None:
    """Promise to look for what came or happened since; by default as far back as can be asked.

    One that waits already is enough. Call in a transaction.
    """
    if Reconciliation.objects.filter(ended_at=None).exists():
        return
    earliest = timezone.now() - KEPT_FOR
    asked = Reconciliation.objects.create(
        cause=cause, since=max(since or earliest, earliest), asked_by=by
    )
    promise(TOPIC, group=TOPIC, subject=asked.pk)
    promise(blocklist.TOPIC, group=blocklist.TOPIC, subject=blocklist.FIRST_PAGE)


def note_watch(account: ProviderAccount) -> None:
    """Say that our workers are at work; after a gap look for what was missed in it.

    Call in a transaction.
    """
    last, now = account.watched_at, timezone.now()
    ProviderAccount.objects.filter(pk=account.pk).update(watched_at=now)
    if last is not None and now - last > OUTAGE:
        ask(Reconciliation.Cause.OUTAGE, since=last)


def ask_since_last_watch() -> None:
    """Look for what was missed since our workers were last known at work, however short that was.

    Call in a transaction.
    """
    account = ProviderAccount.objects.connected()
    if account is not None:
        ask(Reconciliation.Cause.OUTAGE, since=account.watched_at)
        ProviderAccount.objects.filter(pk=account.pk).update(watched_at=timezone.now())


def reconcile(promise: Promise) -> None:
    """Look for what was missed: the outbox's handler. Raises TemporaryFailure."""
    asked = Reconciliation.objects.filter(pk=promise.subject, ended_at=None).first()
    account = ProviderAccount.objects.connected()
    if asked is None:
        return
    if account is None:
        _end(asked, problem=_("No provider account is connected."))
        return
    provider = missed_provider(SOURCE)
    unsettled = _unsettled(asked.since)
    problems = [
        _keep(asked, "messages", provider.inbox_pages(account) if account.pulls_inbox else ()),
        _keep(asked, "reports", provider.log_pages(account, unsettled)),
    ]
    _end(asked, problem=" ".join(filter(None, problems)))


def _keep(asked: Reconciliation, counter: str, pages: Iterable[bytes]) -> str:
    """Store what is found, page by page, and count it; returns why the provider refused, if so."""
    try:
        for page in pages:
            setattr(asked, counter, getattr(asked, counter) + _stored(page))
            asked.save(update_fields=[counter])
    except PermanentFailure as failure:
        return _("Infobip refused: %(reason)s (%(code)s). Check what the key may do.") % {
            "reason": failure,
            "code": failure.code,
        }
    return ""


def _stored(page: bytes) -> int:
    """Keep a page that will not be handed out again, and return how much of it is new."""
    items = webhook_provider(SOURCE).split(page)
    for seconds in STORE_WAITS:
        with suppress(Error):
            return inbox.keep(SOURCE, items)
        sleep(seconds)
        connection.close_if_unusable_or_obsolete()
    return inbox.keep(SOURCE, items)


def _unsettled(since: datetime) -> list[str]:
    """Return the ids of messages whose end we do not know and the provider's log does."""
    sends = Send.objects.filter(
        state__in=[SendState.SENT, SendState.UNCONFIRMED],
        channel=Channel.SMS,
        created_at__gte=since,
        created_at__lt=timezone.now() - STILL_ON_ITS_WAY,
    )
    return [
        str(pk) for pk in sends.order_by("-created_at").values_list("pk", flat=True)[:MOST_SENDS]
    ]


def _end(asked: Reconciliation, *, problem: str = "") -> None:
    asked.ended_at, asked.problem = timezone.now(), problem[:300]
    asked.save(update_fields=["ended_at", "problem"])
    audit.record(
        "provider.reconciled",
        actor_kind=audit.Actor.SYSTEM,
        subject=asked,
        cause=asked.cause,
        messages=asked.messages,
        reports=asked.reports,
    )
