"""A colleague has replied since the agent began to write: asked once, then it goes."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from conversations.contracts import AutoReplyOccasion
from conversations.errors import ConfirmationNeeded
from conversations.models import AgentProfile, Draft, Message, OutboxEntry
from conversations.services.drafts import save_draft
from conversations.services.replies import send_reply
from tenants.context import schema_context
from tests.factories import AgentFactory, MessageFactory

pytestmark = pytest.mark.django_db

ANA = "5f0c7a1b2d3e4f5061728394"
IVAN = "712020:ivan"
QUESTION = "Ivan Babić replied a minute ago. Send anyway?"


@pytest.fixture
def question(inside_acme):
    AgentProfile.objects.create(account_id=IVAN, name="Ivan Babić")
    return MessageFactory(conversation__issue_id="10101")


def reply(question, **changes):
    where = {"sender_id": question.sender_id, "address_id": question.address_id}
    return send_reply(AgentFactory(), text="Today at noon.", client_id=uuid4(), **(where | changes))


def answered(question, **changes):
    values = {"direction": "out", "author": IVAN, "conversation": question.conversation}
    ends = {"sender": question.sender, "address": question.address}
    return MessageFactory(**(values | ends | changes))


def assert_asked(question, words=QUESTION):
    with pytest.raises(ConfirmationNeeded) as asked:
        reply(question)
    newest = Message.objects.filter(direction="out").last()
    assert (asked.value.code, str(asked.value)) == (f"colleague-replied-{newest.pk}", words)
    assert not OutboxEntry.objects.exists()


def test_reply_of_a_colleague_since_the_draft_began_is_asked_about(question):
    save_draft(AgentFactory(), "Tod")
    answered(question)

    assert_asked(question)


def test_what_was_confirmed_goes(question):
    save_draft(AgentFactory(), "Tod")
    code = f"colleague-replied-{answered(question).pk}"

    assert reply(question, confirmed=[code]).text == "Today at noon."


def test_reply_that_came_after_the_question_is_asked_about_too(question):
    save_draft(AgentFactory(), "Tod")
    code = f"colleague-replied-{answered(question).pk}"
    answered(question)

    with pytest.raises(ConfirmationNeeded):
        reply(question, confirmed=[code])


def test_other_confirmation_is_none(question):
    save_draft(AgentFactory(), "Tod")
    answered(question)

    with pytest.raises(ConfirmationNeeded):
        reply(question, confirmed=["many-parts"])


def test_age_is_said_in_words(question):
    ago = timezone.now() - timedelta(minutes=5)
    save_draft(AgentFactory(), "Tod")
    Draft.objects.update(began_at=ago - timedelta(minutes=1))
    answered(question, created_at=ago)

    assert_asked(question, "Ivan Babić replied 5 minutes ago. Send anyway?")


@pytest.mark.parametrize(
    "what",
    [
        {"author": ANA},
        {"author": ""},
        {"author": IVAN, "auto_reply": AutoReplyOccasion.GREETING},
        {"direction": "in", "author": ""},
    ],
)
def test_only_a_colleagues_own_words_are_asked_about(question, what):
    save_draft(AgentFactory(), "Tod")
    answered(question, **what)

    assert reply(question)


def test_what_stood_there_before_the_draft_is_known(question):
    answered(question)
    save_draft(AgentFactory(), "Tod")

    assert reply(question)


def test_nothing_is_asked_without_a_draft(question):
    answered(question)

    assert reply(question)


def test_reply_in_another_request_is_none_here(question):
    save_draft(AgentFactory(), "Tod")
    MessageFactory(direction="out", author=IVAN, conversation__issue_id="10102")

    assert reply(question)


def test_draft_begins_when_it_was_first_saved(question):
    save_draft(AgentFactory(), "T")
    answered(question)
    save_draft(AgentFactory(), "Tod")

    assert_asked(question)


def test_draft_written_on_in_knowledge_of_the_reply_asks_no_more(question):
    save_draft(AgentFactory(), "Tod")
    answered(question)
    save_draft(AgentFactory(), "Tod", anew=True)

    assert reply(question)


def test_emptied_draft_begins_anew(question):
    save_draft(AgentFactory(), "Tod")
    answered(question)
    save_draft(AgentFactory(), "")
    save_draft(AgentFactory(), "Today")

    assert reply(question)


def test_sent_draft_begins_anew(question):
    save_draft(AgentFactory(), "Tod")
    reply(question)
    answered(question)
    save_draft(AgentFactory(), "And")

    assert reply(question)


def test_drafts_of_another_site_ask_nothing(question):
    answered(question)
    with schema_context("site_globex"):
        save_draft(AgentFactory(schema_name="site_globex"), "Tod")
        Draft.objects.update(began_at=timezone.now() - timedelta(days=1))

    assert reply(question)
    assert Message.objects.filter(author=ANA).count() == 1
