"""After a try whose end is unknown the provider's log is asked before anything leaves again."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from conversations.contracts import Channel, SendState
from conversations.models import Conversation, OutboxEntry
from tests.channels.delivering import (
    LOG,
    SENDING,
    drain,
    entry,
    promised,
    promised_yesterday,
    row,
    sent_ids,
    state,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("account")]


def test_unknown_outcome_that_the_log_knows_is_sent(infobip):
    send = promised()
    infobip.hang_up(path=SENDING[Channel.SMS])
    infobip.answer(200, {"results": [{"messageId": str(send.pk)}]}, path=LOG)

    drain()

    assert state(send) == SendState.SENT
    assert sent_ids(infobip) == [str(send.pk)]


def test_unknown_outcome_that_the_log_denies_twice_is_sent_again_with_the_same_id(infobip):
    send = promised()
    infobip.hang_up(path=SENDING[Channel.SMS])
    for _ in range(2):
        infobip.answer(200, {"results": []}, path=LOG)
    infobip.answer(200, row(send), path=SENDING[Channel.SMS])

    for _ in range(3):
        drain()

    assert state(send) == SendState.SENT
    assert [path.partition("?")[0] for path in infobip.paths] == [
        SENDING[Channel.SMS],
        LOG,
        LOG,
        SENDING[Channel.SMS],
    ]
    assert sent_ids(infobip) == [str(send.pk)] * 2


def test_log_that_is_behind_is_asked_once_more_before_sending_again(infobip):
    send = promised()
    infobip.answer(500, path=SENDING[Channel.SMS])
    infobip.answer(200, {"results": []}, path=LOG)
    infobip.answer(200, {"results": [{"messageId": str(send.pk)}]}, path=LOG)

    drain()
    drain()

    assert state(send) == SendState.SENT
    assert sent_ids(infobip) == [str(send.pk)]


def test_log_that_cannot_be_asked_leaves_it_unknown(infobip):
    send = promised()
    infobip.hang_up(path=SENDING[Channel.SMS])
    infobip.answer(500, path=LOG)

    drain()

    assert state(send) == SendState.SENDING
    assert entry().state == "pending"
    assert entry().started_at is not None


def test_log_that_refuses_the_key_is_no_log(infobip):
    send = promised()
    infobip.hang_up(path=SENDING[Channel.SMS])
    infobip.answer(403, {"errorCode": "E403", "description": "Forbidden"}, path=LOG)

    drain()

    assert state(send) == SendState.UNCONFIRMED
    assert entry().state == "done"


def test_unknown_outcome_on_whatsapp_is_unconfirmed_and_blocks_nothing(infobip):
    first = promised(Channel.WHATSAPP)
    second = promised(Channel.WHATSAPP, first.message.conversation)
    infobip.hang_up()
    infobip.answer(200, row(second))

    drain()

    assert state(first) == SendState.UNCONFIRMED
    assert state(second) == SendState.SENT
    assert sent_ids(infobip) == [str(first.pk), str(second.pk)]


def test_worker_that_died_in_the_middle_asks_before_it_sends(infobip):
    send = promised()
    OutboxEntry.objects.update(started_at=timezone.now() - timedelta(seconds=90), attempts=1)
    infobip.answer(200, {"results": [{"messageId": str(send.pk)}]}, path=LOG)

    drain()

    assert state(send) == SendState.SENT
    assert sent_ids(infobip) == []


def test_after_a_day_of_not_knowing_it_is_unconfirmed_and_not_failed(infobip):
    send = promised_yesterday()
    OutboxEntry.objects.update(started_at=timezone.now() - timedelta(hours=24), attempts=1)
    infobip.answer(500, path=LOG)

    drain()

    assert state(send) == SendState.UNCONFIRMED
    assert entry().state == "done"


def test_defect_that_lasts_for_a_day_is_not_waited_for_any_longer(infobip):
    send = promised_yesterday()
    OutboxEntry.objects.update(started_at=timezone.now() - timedelta(hours=24), attempts=1)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE channels_provideraccount SET api_key = 'of another secret'")

    drain()

    assert state(send) == SendState.UNCONFIRMED
    assert entry().state == "done"


def end_its_conversation(send):
    Conversation.objects.filter(pk=send.message.conversation_id).update(state="ended")


def test_message_that_has_left_is_sent_though_its_request_was_closed_meanwhile(infobip):
    send = promised()
    OutboxEntry.objects.update(started_at=timezone.now() - timedelta(seconds=90), attempts=1)
    end_its_conversation(send)
    infobip.answer(200, {"results": [{"messageId": str(send.pk)}]}, path=LOG)

    drain()

    assert state(send) == SendState.SENT


def test_message_that_has_not_left_stays_when_its_request_was_closed_meanwhile(infobip):
    send = promised()
    OutboxEntry.objects.update(started_at=timezone.now() - timedelta(seconds=90), attempts=1)
    end_its_conversation(send)
    infobip.answer(200, {"results": []}, path=LOG)

    drain()
    drain()

    assert (state(send), send.failure) == (SendState.FAILED, "conversation-ended")
    assert sent_ids(infobip) == []
