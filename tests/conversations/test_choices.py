"""The chooser's one list: templates and own texts by name, the recent ones first."""

from datetime import timedelta

import pytest
from django.utils import timezone

from conversations.contracts import Channel, MessageKind
from conversations.errors import NotFound, SendingRefused
from conversations.models import Message
from conversations.services import choices
from conversations.services.canned_replies import note_use
from conversations.services.choices import find_choices
from conversations.services.lifecycle import pause
from tests.factories import (
    AgentFactory,
    CannedReplyFactory,
    MessageFactory,
    MessageTemplateFactory,
)

pytestmark = pytest.mark.django_db

AGENT = AgentFactory()


@pytest.fixture
def asked(inside_acme):
    return MessageFactory(
        conversation__issue_id="10101", channel="whatsapp", sender__number="385951006720"
    )


@pytest.fixture
def three(asked):
    CannedReplyFactory(name="Greeting")
    CannedReplyFactory(name="visit", language="hr", channel="whatsapp")
    MessageTemplateFactory(sender=asked.sender, name="parcel_today")


def find(message, *, agent=AGENT, **changes):
    return find_choices(
        agent, sender_id=message.sender_id, address_id=message.address_id, **changes
    )


def names(found):
    return [each.name for each in found]


def test_both_stand_in_one_list_by_name(asked, three):
    found = find(asked)

    assert [(each.name, each.template) for each in found.others] == [
        ("Greeting", False),
        ("parcel_today", True),
        ("visit", False),
    ]
    assert (found.recent, found.more, found.templates) == ([], False, True)
    assert found.languages == ["en", "hr"]


@pytest.mark.parametrize(
    ("changes", "code"), [({"may_reply": False}, "read-only"), ({}, "conversation-paused")]
)
def test_who_cannot_write_has_nothing_to_choose(asked, three, changes, code):
    if code == "conversation-paused":
        pause(AGENT)

    with pytest.raises(SendingRefused) as refused:
        find(asked, agent=AgentFactory(**changes))

    assert refused.value.code == code


def test_each_says_where_it_goes(asked, three):
    assert [each.channels for each in find(asked).others] == [
        (Channel.SMS, Channel.WHATSAPP),
        (Channel.WHATSAPP,),
        (Channel.WHATSAPP,),
    ]


def test_closed_window_leaves_only_templates(asked, three):
    Message.objects.update(occurred_at=timezone.now() - timedelta(hours=25))

    found = find(asked)

    assert (names(found.others), found.languages) == (["parcel_today"], ["en"])


def test_sms_has_only_own_texts(three):
    sms = MessageFactory(conversation__issue_id="10102")
    found = find_choices(
        AgentFactory(issue_id="10102"), sender_id=sms.sender_id, address_id=sms.address_id
    )

    assert (names(found.others), found.templates) == (["Greeting"], False)


def test_recent_ones_of_both_kinds_come_first_the_newest_on_top(asked, three):
    MessageFactory(
        conversation=asked.conversation,
        direction="out",
        channel="whatsapp",
        sender=asked.sender,
        kind=MessageKind.TEMPLATE,
        author=AGENT.account_id,
        content={"name": "parcel_today", "language": "en"},
        occurred_at=timezone.now() - timedelta(minutes=1),
    )
    note_use(
        AGENT,
        choices.find_choices(AGENT, sender_id=asked.sender_id, address_id=asked.address_id)
        .others[-1]
        .pk,
    )

    found = find(asked)

    assert (names(found.recent), names(found.others)) == (["visit", "parcel_today"], ["Greeting"])


def test_sixth_recent_one_stands_among_the_others(asked):
    replies = [CannedReplyFactory(name=f"{number}") for number in range(6)]
    for reply in replies:
        note_use(AGENT, reply.pk)

    found = find(asked)

    assert (names(found.recent), names(found.others)) == (["5", "4", "3", "2", "1"], ["0"])


def test_more_than_are_shown_are_said(asked, monkeypatch):
    monkeypatch.setattr(choices, "MOST_FOUND", 2)
    for number in range(3):
        CannedReplyFactory(name=f"{number}")

    found = find(asked)

    assert (names(found.others), found.more) == (["0", "1"], True)


def test_words_and_language_narrow_both(asked, three):
    assert names(find(asked, query="parcel").others) == ["parcel_today"]
    assert names(find(asked, language="hr").others) == ["Greeting", "visit"]


def test_route_of_somebody_else_finds_nothing(asked):
    other = MessageFactory(channel="whatsapp", sender=asked.sender)

    with pytest.raises(NotFound):
        find_choices(AGENT, sender_id=asked.sender_id, address_id=other.address_id)
