"""What customers see of agents: read marks once a message, typing once in 20 seconds."""

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from conversations.contracts import Channel
from conversations.models import Address, Conversation, OutboxEntry, Sender, SendingSettings
from conversations.services.presence import note_seen, note_typing
from tenants.context import enter
from tenants.models import Site
from tests.conversations.concurrency import together
from tests.factories import AgentFactory, MessageFactory

WRITERS = 8


def question(**values):
    defaults = {
        "conversation__issue_id": "10101",
        "channel": Channel.WHATSAPP,
        "sender__number": "385951006720",
        "provider_id": "wamid.1=",
    }
    return MessageFactory(**(defaults | values))


def later(message, **values):
    """Another message in the same chat."""
    chat = {"conversation": message.conversation, "sender": message.sender}
    rest = {"address": message.address, "channel": message.channel, "provider_id": "wamid.2="}
    return MessageFactory(**(chat | rest | values))


def typing(message, **changes):
    ends = {"sender_id": message.sender_id, "address_id": message.address_id} | changes
    agent = ends.pop("agent", None) or AgentFactory()
    note_typing(agent, **ends)


def promised():
    return list(OutboxEntry.objects.order_by("pk").values_list("topic", "subject"))


def break_off(message, obstacle):
    """Let something be in the way of every sign."""
    match obstacle:
        case "ended":
            Conversation.objects.update(state="ended")
        case "opted out":
            Address.objects.update(opted_out_at=timezone.now())
        case "sender off":
            Sender.objects.update(enabled=False)
        case "unlicensed":
            Site.objects.filter(slug="acme").update(licence_active=False)
            enter(Site.objects.get(slug="acme"))
        case "off by setting":
            SendingSettings.objects.create(mark_read=False, show_typing=False)


OBSTACLES = ["ended", "opted out", "sender off", "unlicensed", "off by setting"]


@pytest.mark.django_db
def test_newest_message_is_told_once():
    newest = later(question())

    note_seen(AgentFactory())
    note_seen(AgentFactory())

    newest.refresh_from_db()
    assert promised() == [("message.read", str(newest.pk))]
    assert newest.read_told_at is not None


@pytest.mark.django_db
def test_message_that_comes_later_is_told_too():
    first = question()
    note_seen(AgentFactory())
    second = later(first)

    note_seen(AgentFactory())

    assert [subject for _topic, subject in promised()] == [str(first.pk), str(second.pk)]


@pytest.mark.django_db
def test_each_chat_of_the_customer_is_told():
    first = question()
    other = MessageFactory(
        conversation=first.conversation, channel=Channel.WHATSAPP, provider_id="wamid.3="
    )

    note_seen(AgentFactory())

    assert {subject for _topic, subject in promised()} == {str(first.pk), str(other.pk)}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "values", [{"channel": Channel.SMS}, {"direction": "out"}, {"provider_id": ""}]
)
def test_what_has_no_read_mark_is_not_told(values):
    question(**values)

    note_seen(AgentFactory())

    assert promised() == []


@pytest.mark.django_db
def test_who_may_only_look_leaves_no_mark():
    question()

    note_seen(AgentFactory(may_reply=False))

    assert promised() == []


@pytest.mark.django_db
def test_request_without_conversation_has_nothing_to_tell():
    note_seen(AgentFactory())
    note_typing(AgentFactory(), 1, 1)

    assert promised() == []


@pytest.mark.django_db
@pytest.mark.parametrize("obstacle", OBSTACLES)
def test_obstacles_to_both_signs(obstacle):
    message = question()
    break_off(message, obstacle)

    note_seen(AgentFactory())
    typing(message)

    assert promised() == []


@pytest.mark.django_db
def test_typing_names_the_customers_last_message():
    last = later(question())

    typing(last)

    assert promised() == [("customer.typing", str(last.pk))]


@pytest.mark.django_db
@pytest.mark.parametrize(("seconds", "shown"), [(19, 1), (20, 2)])
def test_typing_is_shown_again_after_20_seconds(seconds, shown):
    message = question()
    typing(message)
    Conversation.objects.update(typing_told_at=timezone.now() - timedelta(seconds=seconds))

    typing(message)

    assert len(promised()) == shown


@pytest.mark.django_db
def test_typing_is_not_shown_after_the_window():
    message = question(occurred_at=timezone.now() - timedelta(hours=24))

    typing(message)

    assert promised() == []


@pytest.mark.django_db
@pytest.mark.parametrize("off", ["mark_read", "show_typing"])
def test_typing_needs_both_settings_for_it_marks_as_read_too(off):
    message = question()
    SendingSettings.objects.create(**{off: False})

    typing(message)

    assert promised() == []


@pytest.mark.django_db
def test_typing_in_a_paused_conversation_is_not_shown():
    message = question()
    Conversation.objects.update(state="paused")

    typing(message)

    assert promised() == []


@pytest.mark.django_db
def test_typing_by_who_may_only_look_is_not_shown():
    typing(question(), agent=AgentFactory(may_reply=False))

    assert promised() == []


@pytest.mark.django_db
def test_typing_to_another_customer_is_not_shown():
    question()
    stranger = question(conversation__issue_id="20202", provider_id="wamid.9=")

    typing(stranger)

    assert promised() == []


@pytest.mark.django_db(transaction=True)
def test_message_seen_by_many_at_once_is_told_once():
    question()

    together(*[partial(note_seen, AgentFactory())] * WRITERS)

    assert len(promised()) == 1


@pytest.mark.django_db(transaction=True)
def test_many_who_type_at_once_are_shown_once():
    message = question()

    together(*[partial(typing, message)] * WRITERS)

    assert len(promised()) == 1
