"""What a panel is told: all of it first, then only what has changed."""

from datetime import timedelta

import pytest
from django.utils import timezone

from conversations.models import Conversation, Message
from conversations.services import delivery, lifecycle
from conversations.services.inbound import receive_message
from tests.factories import (
    ConversationFactory,
    DeliveryReportFactory,
    InboundMessageFactory,
    MessageFactory,
    SenderFactory,
    SendFactory,
)

pytestmark = pytest.mark.django_db

QUERIES = 15


def place(response, **changes):
    """Where a page stands after an answer."""
    stands = {"after": response.headers["X-Cursor"], "seen": response.headers["X-Seen"]}
    return stands | changes


def test_whole_panel_comes_first(panel, question, elements):
    response = panel.get("view")

    assert elements(response).targets() == ["#log", "#head", "#banner", "#composer", "#presence"]
    assert response.headers["X-State"] == "active"
    assert response.headers["X-Cursor"] == "1"
    assert response.headers["X-Conversation"] == str(question.conversation_id)


def test_row_says_what_it_is(panel, question, elements):
    (row,) = elements(panel.get("view")).rows

    assert row["id"] == f"m{question.pk}"
    assert (row["data-dir"], row["data-channel"], row["data-status"]) == ("in", "sms", "received")


def test_nothing_changed_is_no_content(panel, question):
    response = panel.get("updates", **place(panel.get("view")))

    assert (response.status_code, response.content) == (204, b"")
    assert response.headers["X-Cursor"] == "1"


def test_only_what_changed_comes(panel, question, elements):
    SenderFactory()
    first = panel.get("view")
    message = receive_message(
        InboundMessageFactory(address=question.address.value, occurred_at=timezone.now())
    )
    response = panel.get("updates", **place(first))

    assert [row["id"] for row in elements(response).rows] == [f"m{message.pk}"]
    assert elements(response).targets() == ["#log"]
    assert int(response.headers["X-Cursor"]) > 1


def test_delivery_comes_as_the_same_row(panel, question, elements):
    send = SendFactory(message__conversation=question.conversation, message__version=1)
    first = panel.get("view")
    delivery.accept(send.pk)
    response = panel.get("updates", **place(first))

    (row,) = elements(response).rows
    assert (row["id"], row["data-status"]) == (f"m{send.message_id}", "sent")


def test_late_delivery_of_what_was_read_changes_nothing(panel, question):
    send = SendFactory(message__conversation=question.conversation, message__channel="whatsapp")
    for state in ("sent", "read"):
        delivery.take_report(DeliveryReportFactory(reference=str(send.pk), state=state))
    stands = place(panel.get("view"))

    delivery.take_report(DeliveryReportFactory(reference=str(send.pk), state="delivered"))

    assert panel.get("updates", **stands).status_code == 204
    assert 'data-status="read"' in panel.get("view").content.decode()


def test_box_is_left_alone_while_the_agent_writes(panel, question, elements):
    first = panel.get("view")
    SenderFactory(channel="whatsapp", number="385951006720")
    receive_message(
        InboundMessageFactory(
            address=question.address.value,
            channel="whatsapp",
            sender_number="385951006720",
            occurred_at=timezone.now(),
        )
    )
    response = panel.get(
        "updates", **place(first, sender=question.sender_id, address=question.address_id)
    )

    textarea = [attrs for tag, attrs in elements(response).found if tag == "textarea"]
    assert [attrs["hx-morph-skip"] for attrs in textarea] == [None]
    selected = [attrs["value"] for tag, attrs in elements(response).found if "selected" in attrs]
    assert selected == [str(question.sender_id), str(question.address_id)]


def test_change_of_state_brings_its_parts_and_its_event(panel, question, elements):
    first = panel.get("view")
    lifecycle.pause(panel.agent)
    response = panel.get("updates", **place(first))

    assert response.headers["X-State"] == "paused"
    assert elements(response).targets() == ["#log", "#head", "#banner", "#composer"]
    assert "Conversation paused" in response.content.decode()


def test_messages_that_moved_on_leave_the_screen(panel, question, elements):
    first = panel.get("view")
    lifecycle.take_status(
        "10101",
        status="Resolved",
        resolved=True,
        at=question.occurred_at - timedelta(seconds=1),
    )
    response = panel.get("updates", **place(first))

    leaving = [
        attrs for _tag, attrs in elements(response).found if attrs.get("hx-swap") == "delete"
    ]
    assert leaving == [{"hx-target": f"#m{question.pk}", "hx-swap": "delete"}]
    assert "Later messages moved to another request" in response.content.decode()
    assert elements(panel.get("view")).rows == []


def test_messages_that_came_back_stay_on_the_screen(panel, question, elements):
    first = panel.get("view")
    earlier = question.occurred_at - timedelta(seconds=1)
    lifecycle.take_status("10101", status="Resolved", resolved=True, at=earlier)
    Message.objects.filter(pk=question.pk).update(
        conversation=Conversation.objects.get(issue_id="10101"), version=99
    )
    response = panel.get("updates", **place(first))

    assert "delete" not in {attrs.get("hx-swap") for _tag, attrs in elements(response).found}


def test_window_closes_by_the_clock_alone(panel, question):
    whatsapp = MessageFactory(
        conversation=question.conversation,
        channel="whatsapp",
        occurred_at=timezone.now() - timedelta(hours=25),
    )
    response = panel.get("updates", after=1, sender=whatsapp.sender_id, address=whatsapp.address_id)

    assert response.headers["X-State"] == "window-closed"
    assert "<textarea" not in response.content.decode()


def test_old_rows_stay_behind_the_button(panel, question, elements):
    old = MessageFactory(
        conversation=question.conversation,
        occurred_at=timezone.now() - timedelta(days=9),
        version=2,
    )
    Conversation.objects.filter(pk=question.conversation_id).update(version=2)
    oldest = f"{int(question.occurred_at.timestamp() * 1e6):017d}1{question.pk:012d}"

    assert f"m{old.pk}" in panel.get("updates", after=1).content.decode()
    assert elements(panel.get("updates", after=1, since=oldest)).rows == []


@pytest.mark.parametrize(
    "query", [{"after": "x"}, {"after": -1}, {"after": 2**63}, {"since": "1"}, {"sender": "1;"}]
)
def test_nonsense_is_refused(panel, question, query):
    assert panel.get("updates", **query).status_code == 400


def test_earlier_rows_come_by_the_fifty(panel, elements):
    conversation = ConversationFactory(issue_id="10101")
    now = timezone.now()
    for minutes in range(70):
        MessageFactory(conversation=conversation, occurred_at=now - timedelta(minutes=5 * minutes))
    first = elements(panel.get("view"))
    before = next(attrs["data-before"] for _tag, attrs in first.found if "data-before" in attrs)
    second = panel.get("earlier", before=before)

    assert (len(first.rows), len(elements(second).rows)) == (50, 20)
    assert elements(second).targets() == ["#log", "#older"]


def test_texts_of_strangers_stay_texts(panel, question):
    hostile = '</li><hx-partial hx-target="#form"><script>alert(1)</script>\'"&'
    MessageFactory(conversation=question.conversation, text=hostile, version=2)
    page = panel.get("view").content.decode()

    assert "<script" not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") == 2


def test_name_of_a_stranger_stays_a_name(panel):
    MessageFactory(
        conversation__issue_id="10101", conversation__customer__name='"><img src=x onerror=a()>'
    )

    assert "<img" not in panel.get("view").content.decode()


def test_number_of_queries_does_not_grow(panel, django_assert_num_queries, question):
    panel.get("view")
    with django_assert_num_queries(QUERIES):
        panel.get("view")
    for _number in range(60):
        SendFactory(message__conversation=question.conversation)

    with django_assert_num_queries(QUERIES):
        panel.get("view")


@pytest.mark.parametrize("failed", [1, 30])
def test_failed_messages_cost_the_same_however_many(
    panel, django_assert_num_queries, question, failed
):
    for _number in range(failed):
        SendFactory(
            message__conversation=question.conversation,
            state="failed",
            failure="unreachable",
        )
    panel.get("view")

    with django_assert_num_queries(QUERIES + 5):
        panel.get("view")


@pytest.mark.parametrize("quoting", [1, 30])
def test_quotes_cost_the_same_however_many(panel, django_assert_num_queries, question, quoting):
    for _number in range(quoting):
        MessageFactory(conversation=question.conversation, quoted=question)
    panel.get("view")

    with django_assert_num_queries(QUERIES + 2):
        panel.get("view")
