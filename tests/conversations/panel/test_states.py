"""The states of a panel: which one wins, what it says, and where the composer has to go."""

from datetime import timedelta

import pytest
from django.utils import timezone

from conversations.models import AgentProfile, Conversation, Sender
from conversations.services import lifecycle
from tests.factories import AddressFactory, ConversationFactory, MessageFactory, SenderFactory

pytestmark = pytest.mark.django_db

RESOLVED = (
    "It is not possible to use Infobip communication channels if the request is in status"
    " &quot;Resolved&quot;"
)


def state(response):
    page = response.content.decode()
    return response.headers["X-State"], page


def test_request_without_conversation(panel):
    name, page = state(panel.get("view"))

    assert name == "no-phone"
    assert "No phone number yet" in page
    assert "<textarea" not in page


def test_conversation_without_message(panel):
    conversation = ConversationFactory(issue_id="10101")
    AddressFactory(phone_number__customer=conversation.customer)
    SenderFactory()

    assert state(panel.get("view"))[0] == "empty"


def test_resolved_says_exactly_this(panel, question):
    lifecycle.take_status("10101", status="Resolved", resolved=True, at=timezone.now())
    name, page = state(panel.get("view"))

    assert name == "resolved"
    assert RESOLVED in page
    assert "<textarea" not in page


def test_reopened_is_as_it_was(panel, question):
    lifecycle.take_status("10101", status="Resolved", resolved=True, at=timezone.now())
    lifecycle.take_status("10101", status="In progress", resolved=False, at=timezone.now())

    assert state(panel.get("view"))[0] == "active"


def test_paused_says_by_whom(panel, question):
    AgentProfile.objects.create(account_id=panel.agent.account_id, name="Ana Kovač")
    lifecycle.pause(panel.agent)
    name, page = state(panel.get("view"))

    assert name == "paused"
    assert "Paused by Ana Kovač at" in page


def test_help_leads_to_what_is_in_the_way(panel, question, elements, settings):
    def help_shown():
        found = elements(panel.get("view")).found
        return next(each["href"] for _tag, each in found if each.get("aria-label") == "Help")

    assert help_shown() == settings.GUIDE_URL
    lifecycle.pause(panel.agent)
    assert help_shown() == f"{settings.GUIDE_URL}#pause-resume-move-here"


def test_viewer_reads_and_cannot_write(panel_of, question):
    name, page = state(panel_of(may_reply=False).get("view"))

    assert name == "read-only"
    assert question.text in page
    assert "<textarea" not in page
    assert 'data-action="pause"' not in page


def test_opted_out_of_all_has_no_composer(panel, question):
    opt_out(question.address)
    name, page = state(panel.get("view"))

    assert name == "opted-out"
    assert "asked not to be messaged on SMS" in page
    assert "<textarea" not in page


def test_opted_out_of_one_channel_disables_only_that(panel, question, elements):
    number = question.address.phone_number
    AddressFactory(phone_number=number, channel="whatsapp")
    whatsapp = SenderFactory(channel="whatsapp", number="385951006720")
    opt_out(question.address)
    MessageFactory(
        conversation=question.conversation,
        channel="whatsapp",
        sender=whatsapp,
        address=number.addresses.get(channel="whatsapp"),
    )
    response = panel.get("view")

    options = [attrs for tag, attrs in elements(response).found if tag == "option"]
    assert [option["data-channel"] for option in options if "disabled" in option] == ["sms"]
    assert response.headers["X-State"] == "active"


def test_no_sender_no_composer(panel, question):
    Sender.objects.update(enabled=False)
    name, page = state(panel.get("view"))

    assert name == "sender-misconfigured"
    assert "<textarea" not in page


def test_sender_who_cannot_receive_is_not_answered(panel, question):
    question.address.answerable = False
    question.address.save()
    name, page = state(panel.get("view"))

    assert name == "sender-misconfigured"
    assert "cannot receive answers" in page


def test_closed_window_offers_the_other_channel(panel, question, elements):
    old = question.occurred_at - timedelta(hours=25)
    question.occurred_at = old - timedelta(minutes=1)
    question.save()
    MessageFactory(
        conversation=question.conversation,
        channel="whatsapp",
        address__phone_number=question.address.phone_number,
        occurred_at=old,
    )
    response = panel.get("view")

    switch = [
        attrs for _tag, attrs in elements(response).found if attrs.get("data-action") == "switch"
    ]
    assert state(response)[0] == "window-closed"
    assert "<textarea" not in response.content.decode()
    assert [attrs["data-address"] for attrs in switch] == [str(question.address_id)]


def test_route_that_was_chosen_decides(panel, question):
    whatsapp = MessageFactory(
        conversation=question.conversation,
        channel="whatsapp",
        occurred_at=timezone.now() - timedelta(hours=25),
    )
    closed = panel.get("updates", sender=whatsapp.sender_id, address=whatsapp.address_id)
    switched = panel.get("updates", sender=question.sender_id, address=question.address_id)

    assert closed.headers["X-State"] == "window-closed"
    assert switched.headers["X-State"] == "active"


def test_customers_last_message_sets_the_route(panel, question, elements):
    last = MessageFactory(conversation=question.conversation, channel="whatsapp")
    found = elements(panel.get("view")).found

    selected = [attrs["value"] for tag, attrs in found if tag == "option" and "selected" in attrs]
    assert selected == [str(last.sender_id), str(last.address_id)]


def test_countdown_ends_before_the_window_does(panel):
    now = timezone.now()
    MessageFactory(conversation__issue_id="10101", channel="whatsapp", occurred_at=now)
    page = panel.get("view").content.decode()

    closes_at = now + timedelta(hours=24) - timedelta(minutes=1)
    assert f'data-closes="{int(closes_at.timestamp())}"' in page


def test_countdown_stays_while_sms_is_chosen(panel, question):
    MessageFactory(
        conversation=question.conversation,
        channel="whatsapp",
        address__phone_number=question.address.phone_number,
        occurred_at=timezone.now() - timedelta(hours=1),
    )
    route = {"sender": question.sender_id, "address": question.address_id}

    assert "data-closes" in panel.get("updates", **route).content.decode()


def test_window_that_is_over_does_not_bother_who_writes_sms(panel, question):
    MessageFactory(
        conversation=question.conversation,
        channel="whatsapp",
        occurred_at=timezone.now() - timedelta(hours=25),
    )
    route = {"sender": question.sender_id, "address": question.address_id}

    assert "data-closes" not in panel.get("updates", **route).content.decode()


@pytest.mark.parametrize(("agent_of", "named"), [("7", "SUP-7"), ("", "another request")])
def test_paused_while_another_is_active(panel_of, question, agent_of, named):
    panel = panel_of(other_issue_id=agent_of)
    lifecycle.pause(panel.agent)
    customer = question.conversation.customer
    ConversationFactory(customer=customer, issue_id="7", issue_key="SUP-7")
    name, page = state(panel.get("view"))

    assert name == "other-active"
    assert f"now go to {named}." in page


def test_deleted_request(panel, question):
    Conversation.objects.update(state="ended", end_reason="deleted")
    name, page = state(panel.get("view"))

    assert name == "resolved"
    assert "This request was deleted in Jira." in page


def opt_out(address):
    address.opted_out_at = timezone.now()
    address.save()
