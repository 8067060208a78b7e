"""The chooser of templates: what an agent finds, and what comes first."""

import pytest

from conversations.contracts import Channel, MessageKind
from conversations.errors import NotFound
from conversations.models import MessageTemplate
from conversations.services.template_search import known_values, languages_of, search_templates
from conversations.template_words import language_words, state_words, why_not_sendable
from conversations.templates import Header, HeaderKind, Structure
from tests.factories import (
    AgentFactory,
    ConversationFactory,
    MessageFactory,
    MessageTemplateFactory,
    SenderFactory,
)

pytestmark = pytest.mark.django_db

AGENT = AgentFactory()


@pytest.fixture
def conversation(inside_acme):
    return ConversationFactory(issue_id="10101", customer__name="Ivan Horvat")


@pytest.fixture
def sender(conversation):
    return SenderFactory(channel=Channel.WHATSAPP, number="385951006720")


def found(sender, **changes):
    return [each.template.name for each in search_templates(AGENT, sender_id=sender.pk, **changes)]


@pytest.fixture
def three(sender):
    structure = Structure(
        "Ваша посылка {{1}}", header=Header(HeaderKind.TEXT, "Acme"), footer="Shop"
    )
    MessageTemplateFactory(sender=sender, name="delivery_update", body="It comes {{1}} today.")
    MessageTemplateFactory(
        sender=sender, name="visit", tags=["Field work"], language="en_GB", body="Hi"
    )
    MessageTemplateFactory(
        sender=sender, name="posylka", language="ru", structure=structure.as_json()
    )


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["delivery_update", "posylka", "visit"]),
        ("DELIVERY", ["delivery_update"]),
        ("comes today", ["delivery_update"]),
        ("today comes delivery", ["delivery_update"]),
        ("посылка", ["posylka"]),
        ("shop", ["posylka"]),
        ("acme", ["posylka"]),
        ("field", ["visit"]),
        ("field visit", ["visit"]),
        ("100%", []),
        ("field delivery", []),
    ],
)
def test_search_by_name_content_and_tag(sender, three, query, names):
    assert found(sender, query=query) == names


def test_language_is_exact(sender, three):
    assert found(sender, language="en") == ["delivery_update"]
    assert found(sender, language="en_GB") == ["visit"]
    assert found(sender, language="hr") == []


def test_languages_are_those_that_can_be_chosen(sender, three):
    MessageTemplateFactory(sender=sender, name="x", language="hr", status="PENDING")

    assert languages_of(sender.pk) == ["en", "en_GB", "ru"]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("en", "English"),
        ("en_US", "English (United States)"),
        ("en_GB", "English (United Kingdom)"),
        ("tlh", "tlh"),
    ],
)
def test_languages_have_names(code, words):
    assert language_words(code) == words


@pytest.mark.parametrize("status", ["PENDING", "REJECTED", "FIRST_PAUSED", "DISABLED", "NEW_WORD"])
def test_only_sendable_ones_are_offered(sender, status):
    template = MessageTemplateFactory(sender=sender, status=status)

    assert found(sender) == []
    assert why_not_sendable(template)


def test_templates_of_other_senders_are_not_offered(sender):
    other = SenderFactory(channel=Channel.WHATSAPP, number="385951006700")
    MessageTemplateFactory(sender=other)

    assert found(sender) == []


def test_recently_used_ones_come_first(sender, three):
    for name, language in (("visit", "en_GB"), ("posylka", "ru"), ("visit", "en_GB")):
        used(sender, name, language)

    offered = search_templates(AGENT, sender_id=sender.pk)

    assert [(each.template.name, each.used_at is not None) for each in offered] == [
        ("visit", True),
        ("posylka", True),
        ("delivery_update", False),
    ]


def test_templates_that_others_used_are_not_recent(sender, three):
    used(sender, "visit", "en_GB", author="somebody else")

    assert [each.used_at for each in search_templates(AGENT, sender_id=sender.pk)] == [None] * 3


def test_request_without_a_conversation_is_not_found(sender):
    with pytest.raises(NotFound):
        search_templates(AgentFactory(issue_id="77"), sender_id=sender.pk)


def test_known_values_are_offered(conversation):
    conversation.issue_key = "SUP-101"
    conversation.save()

    assert [each.value for each in known_values(AGENT)] == ["Ivan Horvat", "SUP-101"]


def test_unknown_values_are_not_offered(conversation):
    conversation.customer.name = ""
    conversation.customer.save()

    assert [each.label for each in known_values(AGENT)] == ["Request"]


def test_every_state_has_words():
    rows = [MessageTemplate(status=status) for status in MessageTemplate.Status]

    assert not any(state_words(row) == row.status for row in rows)
    assert state_words(MessageTemplate(status="NEW_WORD")) == "NEW_WORD"


def used(sender, name, language, author=AGENT.account_id):
    MessageFactory(
        direction="out",
        channel=Channel.WHATSAPP,
        sender=sender,
        kind=MessageKind.TEMPLATE,
        author=author,
        content={"name": name, "language": language},
    )
