"""After an outage: what the provider still has is fetched once, stored first, and counted."""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from channels import reconcile
from channels.infobip import webhook
from channels.models import ProviderAccount, Reconciliation
from channels.tasks import watch_providers
from conversations import inbox, outbox
from conversations.contracts import Channel, SendState
from conversations.models import InboxEntry, Message, OutboxEntry, Send
from tests.factories import MessageFactory, SenderFactory, SendFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("account")]

INBOX = "/sms/1/inbox/reports"
WHATSAPP_INBOX = "/messages-api/1/inbound"
LOG = "/sms/3/logs"
BLOCKLIST = "/platform/1/blocklists"
CAUSE = Reconciliation.Cause


def sms(number=1):
    return {
        "messageId": f"90071992547{number:05d}",
        "from": "385915550111",
        "to": "385951006719",
        "text": "Still there?",
        "receivedAt": "2026-11-20T08:00:00.000+0000",
    }


def whatsapp():
    return {
        "event": "MO",
        "channel": "WHATSAPP",
        "sender": "385915550111",
        "destination": "385951006720",
        "messageId": "wamid.missed1",
        "content": [{"type": "TEXT", "text": "And here?"}],
    }


def asked(infobip, *, inbox=(), whatsapp_inbox=(), log=()):
    """Ask Infobip, which has these rows for us."""
    for path, rows in ((INBOX, inbox), (WHATSAPP_INBOX, whatsapp_inbox), (LOG, log)):
        infobip.answer(200, {"results": list(rows)}, path=path)
    reconcile.ask(CAUSE.ADMIN, by="ana")
    outbox.drain()
    return Reconciliation.objects.get()


def paths(infobip):
    return [path.partition("?")[0] for path in infobip.paths]


def unsettled(channel=Channel.SMS, state=SendState.SENT, minutes=10, **changes):
    message = MessageFactory(direction="out", channel=channel)
    at = timezone.now() - timedelta(minutes=minutes)
    return SendFactory(message=message, state=state, created_at=at, **changes)


def test_missed_messages_of_both_channels_enter_like_any_other(infobip):
    SenderFactory(channel=Channel.SMS, number="385951006719")
    SenderFactory(channel=Channel.WHATSAPP, number="385951006720")

    done = asked(infobip, inbox=[sms()], whatsapp_inbox=[whatsapp()])
    inbox.drain()

    assert (done.messages, done.problem) == (2, "")
    assert sorted(Message.objects.values_list("text", flat=True)) == ["And here?", "Still there?"]


def test_what_the_webhook_has_brought_is_not_new(infobip):
    inbox.keep("infobip", [webhook._item(sms())])

    assert asked(infobip, inbox=[sms()]).messages == 0
    assert InboxEntry.objects.count() == 1


def test_an_inbox_is_emptied_page_by_page(infobip):
    infobip.answer(200, {"results": [sms(n) for n in range(200)]}, path=INBOX)

    done = asked(infobip, inbox=[sms(n) for n in range(200, 203)])

    assert done.messages == 203
    assert paths(infobip).count(INBOX) == 2


def test_a_page_is_stored_before_the_next_is_asked_for(infobip):
    infobip.answer(200, {"results": [sms(n) for n in range(200)]}, path=INBOX)
    infobip.answer(500, "", path=INBOX)
    reconcile.ask(CAUSE.ADMIN)

    outbox.drain()

    assert InboxEntry.objects.count() == 200
    assert OutboxEntry.objects.get(topic=reconcile.TOPIC).state == "pending"


@pytest.mark.django_db(transaction=True)
def test_a_page_is_stored_by_another_connection_when_the_first_has_gone(infobip, monkeypatch):
    infobip.answer(200, {"results": []}, path=WHATSAPP_INBOX)

    def cut(*asked):
        kill_own_connection()
        return split(*asked)

    split = webhook.split
    monkeypatch.setattr(webhook, "split", cut)
    monkeypatch.setattr(reconcile, "sleep", lambda _seconds: None)

    assert asked(infobip, inbox=[sms()]).messages == 1


def kill_own_connection():
    with connection.cursor() as cursor, suppress(OperationalError):
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")


def test_the_blocklist_is_asked_for_too(infobip):
    asked(infobip)

    assert BLOCKLIST in paths(infobip)


def test_the_log_settles_what_no_report_has_settled(infobip):
    send = unsettled()
    row = {
        "messageId": str(send.pk),
        "destination": "385915550111",
        "sender": "385951006719",
        "doneAt": "2026-11-20T08:00:00.000+0000",
        "status": {"groupId": 3, "groupName": "DELIVERED", "id": 5, "name": "DELIVERED_TO_HANDSET"},
        "error": {"groupId": 0, "id": 0, "name": "NO_ERROR", "permanent": False},
    }

    done = asked(infobip, log=[row])
    inbox.drain()

    assert done.reports == 1
    assert Send.objects.get().state == SendState.DELIVERED


@pytest.mark.parametrize(
    "settled",
    [
        {"state": SendState.DELIVERED},
        {"state": SendState.FAILED},
        {"state": SendState.QUEUED},
        {"channel": Channel.WHATSAPP},
        {"minutes": 1},
        {"minutes": 49 * 60},
    ],
)
def test_the_log_is_asked_for_nothing_else(infobip, settled):
    unsettled(**settled)

    asked(infobip)

    assert LOG not in paths(infobip)


def test_the_log_is_asked_for_fifty_at_a_time(infobip):
    message = MessageFactory(direction="out")
    at = timezone.now() - timedelta(minutes=10)
    for number in range(1, 52):
        SendFactory(message=message, number=number, state=SendState.UNCONFIRMED, created_at=at)
    infobip.answer(200, {"results": []}, path=LOG)

    asked(infobip)

    assert paths(infobip).count(LOG) == 2


def test_a_key_that_may_not_read_the_inbox_still_asks_the_log(infobip):
    unsettled()
    infobip.answer(403, {"errorCode": "E403", "description": "Insufficient"}, path=INBOX)

    done = asked(infobip)

    assert LOG in paths(infobip)
    assert done.problem == "Infobip refused: Insufficient (403). Check what the key may do."


def test_an_inbox_that_others_empty_is_left_to_them(infobip):
    ProviderAccount.objects.update(pulls_inbox=False)

    asked(infobip, inbox=[sms()])

    assert paths(infobip) == [BLOCKLIST]


def test_without_an_account_it_says_so():
    ProviderAccount.objects.update(api_key="")
    reconcile.ask(CAUSE.ADMIN)

    outbox.drain()

    assert Reconciliation.objects.get().problem == "No provider account is connected."


def test_asking_twice_is_one_question():
    reconcile.ask(CAUSE.ADMIN)
    reconcile.ask(CAUSE.OUTAGE)

    assert Reconciliation.objects.count() == 1
    assert OutboxEntry.objects.filter(topic=reconcile.TOPIC).count() == 1


def test_no_further_back_than_the_provider_keeps():
    reconcile.ask(CAUSE.OUTAGE, since=timezone.now() - timedelta(days=9))

    age = timezone.now() - Reconciliation.objects.get().since
    assert timedelta(hours=47) < age < timedelta(hours=49)


def watch(account):
    account.refresh_from_db()
    reconcile.note_watch(account)


def test_a_gap_in_our_own_watch_is_an_outage(account):
    ProviderAccount.objects.update(watched_at=timezone.now() - timedelta(hours=3))

    watch(account)

    assert Reconciliation.objects.get().cause == CAUSE.OUTAGE


@pytest.mark.parametrize("last", [None, timedelta(hours=1)])
def test_a_first_or_timely_watch_is_none(account, last):
    ProviderAccount.objects.update(watched_at=last and timezone.now() - last)

    watch(account)

    assert not Reconciliation.objects.exists()
    account.refresh_from_db()
    assert timezone.now() - account.watched_at < timedelta(minutes=1)


def test_every_hour_the_watch_is_noted(account):
    watch_providers()

    account.refresh_from_db()
    assert account.watched_at is not None
