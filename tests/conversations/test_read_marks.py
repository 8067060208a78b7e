"""The line above what an agent has not read."""

from datetime import timedelta

import pytest
from django.utils import timezone

from conversations.models import ReadMark
from conversations.services.read_marks import mark_read, unread_line
from conversations.thread_rows import order_of
from tenants.context import schema_context
from tests.factories import AgentFactory, ConversationFactory, MessageFactory

pytestmark = pytest.mark.django_db

ANA = AgentFactory()
OUT = {"direction": "out", "author": "ivan"}


@pytest.fixture
def conversation(inside_acme):
    return ConversationFactory(issue_id="10101")


def written(conversation, minute, **values):
    at = timezone.now() - timedelta(hours=1) + timedelta(minutes=minute)
    return MessageFactory(conversation=conversation, occurred_at=at, **values)


def line(conversation, agent=ANA):
    found = unread_line(agent, conversation)
    return found and (found.count, found.order)


def test_it_stands_before_the_first_message_that_was_not_read(conversation):
    mark_read(ANA, written(conversation, 1).pk)
    first = written(conversation, 2)
    written(conversation, 3)

    assert line(conversation) == (2, order_of(first.occurred_at, 0))


def test_who_never_read_knows_what_was_there_when_one_of_us_wrote(conversation):
    written(conversation, 1)
    written(conversation, 2, **OUT)
    first = written(conversation, 3)

    assert line(conversation) == (1, order_of(first.occurred_at, 0))


def test_auto_reply_has_read_nothing(conversation):
    written(conversation, 1)
    written(conversation, 2, direction="out", auto_reply="greeting")
    written(conversation, 3)

    assert line(conversation) is None


def test_nothing_stands_above_everything(conversation):
    written(conversation, 1)
    ReadMark.objects.create(issue_id="10101", account_id=ANA.account_id, message_id=0)

    assert line(conversation) is None


def test_own_and_colleagues_messages_are_not_new(conversation):
    mark_read(ANA, written(conversation, 1).pk)
    written(conversation, 2, **OUT)

    assert line(conversation) is None


def test_late_message_is_new_although_it_is_older(conversation):
    written(conversation, 1)
    mark_read(ANA, written(conversation, 5).pk)
    late = written(conversation, 3)

    assert line(conversation) == (1, order_of(late.occurred_at, 0))


def test_mark_never_goes_back(conversation):
    first, second = written(conversation, 1), written(conversation, 2)
    mark_read(ANA, second.pk)
    mark_read(ANA, first.pk)

    assert ReadMark.objects.get().message_id == second.pk


def test_of_two_panels_that_read_first_the_further_one_counts(conversation, monkeypatch):
    first, second = written(conversation, 1), written(conversation, 2)
    store = ReadMark.objects.bulk_create

    def meanwhile(marks, **how):
        ReadMark.objects.create(issue_id="10101", account_id=ANA.account_id, message_id=first.pk)
        return store(marks, **how)

    monkeypatch.setattr(ReadMark.objects, "bulk_create", meanwhile)
    mark_read(ANA, second.pk)

    assert ReadMark.objects.get().message_id == second.pk


def test_each_agent_reads_for_themselves(conversation):
    first = written(conversation, 1)
    ivan = AgentFactory(account_id="ivan")
    mark_read(ivan, first.pk)
    mark_read(ANA, written(conversation, 2).pk)

    assert (line(conversation), line(conversation, ivan)[0]) == (None, 1)


def test_messages_of_other_requests_and_sites_mark_nothing(conversation):
    mark_read(ANA, MessageFactory().pk)
    with schema_context("site_globex"):
        foreign = MessageFactory(conversation__issue_id="10101")
    mark_read(ANA, foreign.pk + 1_000_000)

    assert not ReadMark.objects.exists()
