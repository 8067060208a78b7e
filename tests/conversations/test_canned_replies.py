"""The site's own texts: which an agent finds, what is filled in, and what stays open."""

from datetime import timedelta

import pytest
from django.utils import timezone

from conversations.contracts import Channel
from conversations.errors import NotFound, SendingRefused
from conversations.models import CannedReplyUse
from conversations.services.canned_replies import (
    fill_canned_reply,
    languages_of_canned_replies,
    note_use,
    require_filled,
    search_canned_replies,
)
from tests.factories import AgentFactory, CannedReplyFactory, ConversationFactory

pytestmark = pytest.mark.django_db

AGENT = AgentFactory(name="Ana Kovač")


@pytest.fixture
def conversation(inside_acme):
    return ConversationFactory(
        issue_id="10101", issue_key="SUP-101", customer__name="Marko\nHorvat"
    )


@pytest.fixture
def three(conversation):
    CannedReplyFactory(name="Greeting", language="en", text="Good morning, thank you.")
    CannedReplyFactory(name="Pozdrav", language="hr", channel="sms", text="Dobar dan!")
    CannedReplyFactory(name="Signature", channel="whatsapp", text="Acme", tags=["Field work"])


def found(*, channel=Channel.SMS, agent=AGENT, **changes):
    return [each.reply.name for each in search_canned_replies(agent, channel=channel, **changes)]


@pytest.mark.parametrize(
    ("channel", "names"),
    [(Channel.SMS, ["Greeting", "Pozdrav"]), (Channel.WHATSAPP, ["Greeting", "Signature"])],
)
def test_those_of_the_channel_and_of_any_are_offered(three, channel, names):
    assert found(channel=channel) == names


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("GREET", ["Greeting"]),
        ("thank morning", ["Greeting"]),
        ("work", ["Signature"]),
        ("field acme", ["Signature"]),
        ("100%", []),
    ],
)
def test_search_by_name_content_and_tag(three, query, names):
    assert found(channel=Channel.WHATSAPP, query=query) == names


def test_text_in_no_language_is_there_for_each(three):
    assert found(channel=Channel.WHATSAPP, language="en") == ["Greeting", "Signature"]
    assert found(language="hr") == ["Pozdrav"]


def test_languages_are_those_that_can_be_chosen(three):
    assert languages_of_canned_replies(Channel.SMS) == ["en", "hr"]
    assert languages_of_canned_replies(Channel.WHATSAPP) == ["en"]


def test_what_the_agent_used_last_comes_first(three):
    first, second = CannedReplyFactory(name="X"), CannedReplyFactory(name="Y")
    for reply in (first, second):
        note_use(AGENT, reply.pk)
    CannedReplyUse.objects.filter(reply=first).update(used_at=timezone.now() - timedelta(minutes=1))

    assert found() == ["Y", "X", "Greeting", "Pozdrav"]
    assert found(agent=AgentFactory(account_id="other")) == ["Greeting", "Pozdrav", "X", "Y"]


def test_use_is_remembered_once(conversation):
    reply = CannedReplyFactory()
    for _ in range(2):
        note_use(AGENT, reply.pk)

    assert CannedReplyUse.objects.get().account_id == AGENT.account_id


def test_values_are_put_in(conversation):
    reply = CannedReplyFactory(
        text="Hi {{customer.name}}, about {{ request.key }}. {{agent.name}}, {{nobody}}"
    )

    filled = fill_canned_reply(AGENT, reply.pk)

    assert "".join(span.text for span in filled.spans) == (
        "Hi Marko Horvat, about SUP-101. Ana Kovač, {{nobody}}"
    )
    assert [span.variable for span in filled.spans if span.filled] == [
        "customer.name",
        "request.key",
        "agent.name",
    ]
    assert filled.missing == ()


def test_unknown_value_is_a_gap_that_is_seen(conversation):
    conversation.customer.name = " "
    conversation.customer.save()
    reply = CannedReplyFactory(text="Hi {{ customer.name }}!")

    filled = fill_canned_reply(AGENT, reply.pk)

    assert [(span.text, span.filled) for span in filled.spans] == [
        ("Hi ", False),
        ("{{customer.name}}", False),
        ("!", False),
    ]
    assert filled.missing == ("customer.name",)


def test_value_that_looks_like_a_variable_is_not_filled_in_again(conversation):
    conversation.customer.name = "{{agent.name}}"
    conversation.customer.save()
    reply = CannedReplyFactory(text="Hi {{customer.name}}")

    (_, name) = fill_canned_reply(AGENT, reply.pk).spans

    assert (name.text, name.filled) == ("{{agent.name}}", True)


def test_deleted_text_is_not_found(conversation):
    with pytest.raises(NotFound):
        fill_canned_reply(AGENT, 77)
    with pytest.raises(NotFound):
        note_use(AGENT, 77)


def test_who_may_only_look_gets_no_text(conversation):
    reply = CannedReplyFactory()

    with pytest.raises(SendingRefused) as refused:
        fill_canned_reply(AgentFactory(may_reply=False), reply.pk)

    assert refused.value.code == "read-only"


@pytest.mark.parametrize("text", ["Hi {{customer.name}}", "{{ agent.name }}"])
def test_text_with_a_gap_is_not_sent(text):
    with pytest.raises(SendingRefused) as refused:
        require_filled(text)

    assert refused.value.code == "not-filled-in"


@pytest.mark.parametrize("text", ["Hi", "{{order}}", "{customer.name}"])
def test_other_braces_are_the_agents_own(text):
    require_filled(text)
