"""The console's transcripts: whole, escaped, masked, and never opened unseen."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conversations import audit, thread_pages
from conversations.models import AgentProfile, AuditEvent
from logins.roles import Role
from tenants.context import tenant_context
from tests.consoles import client_of, owners_client
from tests.conversations.stored_files import store
from tests.factories import ConversationFactory, MessageFactory, SendFactory

pytestmark = pytest.mark.django_db

LIST = "/admin/conversations/conversation/"
NUMBER = "385991903327"
SHOWN, MASKED = "+385 99 190 3327", "+385 99 190 ••27"


def test_transcript_shows_the_messages_with_their_status():
    conversation = ConversationFactory()
    MessageFactory(conversation=conversation, text="Where is it?")
    answer = MessageFactory(conversation=conversation, direction="out", author="5f0c", text="Here.")
    SendFactory(message=answer, state="failed", failure="unreachable")
    AgentProfile.objects.create(account_id="5f0c", name="Ana Kovač")

    page = opened(conversation)

    for shown in ("Where is it?", "Ana Kovač", "Here.", "the phone was unreachable"):
        assert shown in page


def test_customers_markup_stays_text():
    message = MessageFactory(text="<script>alert(1)</script>")

    page = opened(message.conversation)

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page


@pytest.mark.parametrize("tab", ["messages", "events", "delivery"])
def test_number_is_masked_in_each_tab(tab):
    conversation = conversed()

    page = opened(conversation, tab=tab)

    assert MASKED in page
    assert NUMBER not in page
    assert SHOWN not in page


def test_user_id_is_masked_too():
    message = MessageFactory(
        channel="whatsapp",
        address__value="HR.498603303330",
        address__phone_number__key="user_id:HR.498603303330",
    )

    for tab in ("messages", "delivery"):
        assert "HR.498603303330" not in opened(message.conversation, tab=tab)
    assert "HR.498603303330" not in owners_client().get(LIST).content.decode()


def test_numbers_on_cards_of_people_are_masked():
    content = {"contacts": [{"name": "Mia", "phones": [SHOWN]}]}
    message = MessageFactory(channel="whatsapp", kind="contact", content=content)

    page = opened(message.conversation)

    assert "Mia" in page
    assert SHOWN not in page


def test_number_is_revealed_for_five_minutes_and_recorded():
    conversation, client = conversed(), owners_client()

    with time_machine.travel(timezone.now(), tick=False) as clock:
        answer = client.post(f"{base(conversation)}reveal/?tab=delivery", follow=True)
        assert SHOWN in answer.content.decode()
        clock.shift(timedelta(seconds=301))
        assert SHOWN not in client.get(address(conversation)).content.decode()

    assert answer.request["QUERY_STRING"] == "tab=delivery"
    event = AuditEvent.objects.get(action="number.revealed")
    assert (event.actor, event.subject_id) == ("ana", str(conversation.pk))


def test_revealing_is_a_post():
    conversation = conversed()

    assert owners_client().get(f"{base(conversation)}reveal/").status_code == 405
    assert not AuditEvent.objects.filter(action="number.revealed").exists()


def test_opening_is_recorded_once_for_some_minutes():
    conversation, client = ConversationFactory(issue_key="SUP-7"), owners_client()

    with time_machine.travel(timezone.now(), tick=False) as clock:
        for tab in ("messages", "events", "delivery"):
            client.get(address(conversation), {"tab": tab})
        event = AuditEvent.objects.get()
        clock.shift(timedelta(seconds=301))
        client.get(address(conversation))

    assert (event.action, event.actor_kind, event.actor) == ("transcript.opened", "admin", "ana")
    assert (event.subject_type, event.subject_id) == ("conversation", str(conversation.pk))
    assert event.issue_key == "SUP-7"
    assert AuditEvent.objects.count() == 2


def test_each_person_and_each_conversation_is_recorded():
    first, second = ConversationFactory(), ConversationFactory()
    ana, vera = owners_client(), client_of("vera", Role.AUDITOR)

    for client, conversation in ((ana, first), (ana, second), (vera, first)):
        client.get(address(conversation))

    assert sorted(AuditEvent.objects.values_list("actor", flat=True)) == ["ana", "ana", "vera"]


def test_configurator_reads_no_transcript_and_no_file():
    message = MessageFactory()
    attachment = store(message=message)
    client = client_of("mia", Role.CONFIGURATOR)

    for where in ("change/", "reveal/", f"files/{attachment.pk}/"):
        ask = client.post if where == "reveal/" else client.get
        assert ask(base(message.conversation) + where).status_code == 403
    assert not AuditEvent.objects.filter(action="transcript.opened").exists()


def test_conversation_of_another_site_is_not_found(globex):
    with tenant_context(globex):
        theirs = ConversationFactory(pk=900_001)
        attachment = store(message=MessageFactory(conversation=theirs))
    client = owners_client()

    assert client.get(address(theirs)).status_code == 404
    assert client.post(f"{base(theirs)}reveal/").status_code == 404
    assert client.get(f"{base(theirs)}files/{attachment.pk}/").status_code == 404
    assert client.get("/admin/conversations/conversation/x/change/").status_code == 404


def test_picture_is_shown_from_the_console_and_never_runs():
    message = MessageFactory(channel="whatsapp", kind="image", text="")
    attachment = store(message=message)
    client = owners_client()

    page = client.get(address(message.conversation)).content.decode()
    where = f"/admin/conversations/conversation/{message.conversation_id}/files/{attachment.pk}/"
    answer = client.get(where)

    assert f'src="{where}?thumbnail"' in page
    assert f'href="{where}"' in page
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/png")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert client.get(f"{where}?download").headers["Content-Disposition"].startswith("attachment")


def test_file_of_another_conversation_is_not_found():
    attachment = store()

    where = f"{base(ConversationFactory())}files/{attachment.pk}/"

    assert owners_client().get(where).status_code == 404


def test_taking_a_file_is_opening_its_transcript():
    message = MessageFactory()
    attachment = store(message=message)

    owners_client().get(f"{base(message.conversation)}files/{attachment.pk}/")

    assert AuditEvent.objects.get(action="transcript.opened").issue_key


def test_quote_leads_to_the_quoted_message():
    first = MessageFactory(text="The blue one?")
    MessageFactory(conversation=first.conversation, quoted=first, text="Yes")

    page = opened(first.conversation)

    assert f'href="?message={first.pk}#m{first.pk}"' in page


def test_message_that_went_by_itself_is_called_so():
    message = MessageFactory(direction="out", auto_reply="greeting", text="Thank you.")

    assert "Auto-reply" in opened(message.conversation)


def test_delivery_shows_ids_codes_and_times():
    message = MessageFactory(direction="out", text="Here.")
    send = SendFactory(
        message=message,
        state="failed",
        failure="unreachable",
        provider_id="in-4711",
        error_code="EC_ABSENT_SUBSCRIBER",
        error_text="Absent: 385991903327",
        created_at="2026-11-22T14:05:12.310Z",
    )

    page = opened(message.conversation, tab="delivery")

    for shown in (str(send.pk), "in-4711", "EC_ABSENT_SUBSCRIBER", "2026-11-22 14:05:12.310"):
        assert shown in page
    assert NUMBER not in page


def test_result_of_an_event_is_told_in_words():
    message = MessageFactory()
    audit.record(
        "message.failed", actor_kind=audit.Actor.PROVIDER, subject=message, result="unreachable"
    )

    assert "The phone was unreachable" in opened(message.conversation, tab="events")


def test_events_are_told_in_words_with_who():
    conversation = ConversationFactory(issue_key="SUP-7")
    message = MessageFactory(conversation=conversation)
    audit.record("message.received", actor_kind=audit.Actor.CUSTOMER, subject=message)
    audit.record(
        "conversation.paused", actor_kind=audit.Actor.AGENT, actor="5f0c", subject=conversation
    )
    AgentProfile.objects.create(account_id="5f0c", name="Ana Kovač")

    page = opened(conversation, tab="events")

    for shown in ("Message from the customer received", "Conversation paused", "Ana Kovač"):
        assert shown in page


def test_message_that_was_searched_is_on_the_page_and_marked(monkeypatch):
    monkeypatch.setattr(thread_pages, "PAGE", 4)
    first = MessageFactory(text="The very first")
    for _number in range(10):
        MessageFactory(conversation=first.conversation)

    page = opened(first.conversation, message=first.pk)

    assert "The very first" in page
    assert "pointed" in page


def test_long_transcript_begins_with_its_end(monkeypatch):
    monkeypatch.setattr(thread_pages, "PAGE", 4)
    first = MessageFactory(text="The very first")
    for _number in range(10):
        MessageFactory(conversation=first.conversation)

    assert "The very first" not in opened(first.conversation)
    assert "The very first" in opened(first.conversation, first="")


def test_message_that_has_moved_away_is_said_to_be_gone():
    page = opened(ConversationFactory(), message=MessageFactory().pk)

    assert "This message is not in this conversation any more." in page


@pytest.mark.parametrize(
    "query", [{"message": "x"}, {"before": "x"}, {"after": "9" * 30}, {"older": "x"}, {"tab": "x"}]
)
def test_nonsense_in_the_address_shows_a_page(query):
    assert opened(conversed(), **query)


def test_erased_customers_conversation_says_so():
    conversation = ConversationFactory(customer__erased_at=timezone.now())

    assert "This customer was erased" in opened(conversation)


@pytest.mark.parametrize("tab", ["messages", "events", "delivery"])
def test_transcript_takes_as_many_queries_for_many_messages(tab):
    few, many = conversed(), conversed(NUMBER.replace("33", "44"))
    for _number in range(5):
        talk(many)
    client = owners_client()
    for conversation in (few, many):
        client.get(address(conversation))  # recorded once

    counts = []
    for conversation in (few, many):
        with CaptureQueriesContext(connection) as asked:
            client.get(address(conversation), {"tab": tab})
        counts.append(len(asked))

    assert counts[0] == counts[1]


def conversed(number=NUMBER):
    message = MessageFactory(address__value=number, address__phone_number__key=number)
    talk(message.conversation, message)
    return message.conversation


def talk(conversation, question=None):
    """A message of each kind that is read with others: quotes, files, attempts, events."""
    question = question or MessageFactory(
        conversation=conversation, address=conversation.messages.first().address
    )
    store(message=question)
    answer = MessageFactory(
        conversation=conversation,
        direction="out",
        author="5f0c",
        quoted=question,
        address=question.address,
    )
    SendFactory(message=answer, state="failed", number=1)
    SendFactory(message=answer, state="failed", number=2)
    audit.record(
        "conversation.paused", actor_kind=audit.Actor.AGENT, actor="5f0c", subject=conversation
    )


def base(conversation):
    return f"{LIST}{conversation.pk}/"


def address(conversation):
    return f"{base(conversation)}change/"


def opened(conversation, **query):
    response = owners_client().get(address(conversation), query)
    assert response.status_code == 200
    return response.content.decode()
