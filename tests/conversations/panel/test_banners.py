"""What stands over the thread where something is in the way, and what an agent may do about it."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from conversations import audit
from conversations.models import AuditEvent, Conversation, OutboxEntry, Sender
from conversations.services import lifecycle
from conversations.services.accounts import remember_account
from tests.factories import AddressFactory, ConversationFactory, MessageFactory, SenderFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def marko(question):
    customer = question.conversation.customer
    customer.name = "Marko"
    customer.save()
    return question


@pytest.fixture
def elsewhere(panel, marko):
    """Another request has the customer's messages."""
    lifecycle.pause(panel.agent)
    customer = marko.conversation.customer
    return ConversationFactory(customer=customer, issue_id="10118", issue_key="SUP-118")


def banner(response):
    """The words of the banners, and the labels of their buttons."""
    page = unescape(response.content.decode())
    (part,) = re.findall(r'hx-target="#banner">(.*?)</hx-partial>', page, re.DOTALL)
    words = re.findall(r"<(?:h2|p)>(.*?)</(?:h2|p)>", part, re.DOTALL)
    labels = re.findall(r'class="btn".*?>(.*?)</(?:a|button)>', part, re.DOTALL)
    return words, labels


def buttons(elements, response):
    found = elements(response).found
    return {a["data-action"]: a for _tag, a in found if a.get("class") == "btn"}


def test_other_request_is_named_to_its_agent(panel_of, elements, elsewhere):
    panel = panel_of(other_issue_id="10118", other_issue_title="Router order")
    response = panel.get("view")

    assert banner(response) == (
        ["Active in another request", "Marko's messages now go to SUP-118 “Router order”."],
        ["Open SUP-118", "Move here"],
    )
    shown = buttons(elements, response)
    assert shown["open"]["href"] == "https://acme.atlassian.example/browse/SUP-118"
    assert shown["move-here"]["data-question"] == (
        "SUP-118 will be paused. Marko's next message comes to this request."
    )
    assert response.headers["X-Unknown"] == ""


@pytest.mark.parametrize("known", ["", "10119"])
def test_other_request_stays_hidden_from_others(panel_of, elsewhere, known):
    panel = panel_of(other_issue_id=known, other_issue_title="Router order")
    response = panel.get("view")

    words = ["Active in another request", "Marko's messages now go to another request."]
    assert banner(response) == (words, [])
    assert "SUP-118" not in response.content.decode()
    assert "Router" not in response.content.decode()


def test_session_that_does_not_know_the_other_request_is_told_so(panel, elsewhere):
    assert panel.get("view").headers["X-Unknown"] == str(elsewhere.pk)
    assert panel.get("side").headers["X-Unknown"] == str(elsewhere.pk)


def test_request_that_is_being_opened_is_not_asked_for(panel, elsewhere):
    Conversation.objects.filter(pk=elsewhere.pk).update(issue_id="", state="opening")

    assert panel.get("view").headers["X-Unknown"] == ""


def test_move_here_brings_the_composer(panel_of, elsewhere):
    response = panel_of(other_issue_id="10118").post("move-here")

    assert (response.status_code, response.headers["X-State"]) == (200, "active")
    assert "<textarea" in response.content.decode()


def test_refused_move_says_why_over_the_thread(panel, elsewhere, elements):
    response = panel.post("move-here", seen=panel.get("view").headers["X-Seen"])

    assert response.status_code == 409
    assert "#refused" in elements(response).targets()
    assert "Ask an agent of that one to pause." in response.content.decode()


@pytest.mark.parametrize("action", ["pause", "resume", "move-here"])
def test_reader_is_refused(panel_of, question, action):
    assert panel_of(may_reply=False).post(action).status_code == 403


def opt_out(address, at=None):
    address.opted_out_at = at or timezone.now()
    address.save()


def test_opted_out_says_of_what_and_since_when(panel_of, marko):
    number = marko.address.phone_number
    at = datetime(2026, 11, 20, 23, 30, tzinfo=ZoneInfo("UTC"))
    opt_out(AddressFactory(phone_number=number, channel="whatsapp"), at)
    opt_out(marko.address, at)

    words, labels = banner(panel_of(time_zone="Europe/Zagreb").get("view"))

    assert words == [
        "Customer opted out",
        "Marko asked not to be messaged on SMS and WhatsApp (21 Nov 2026).",
    ]
    assert labels == []


def test_opted_out_reporter_is_reached_by_comments(panel_of, marko):
    opt_out(marko.address)

    words, _labels = banner(panel_of(reporter_account_id="qm:1").get("view"))

    assert words[1].endswith("Reply in comments: Jira brings them to the reporter.")


@pytest.mark.parametrize("reporter", ["made", "agent"])
def test_comments_reach_nobody_without_an_account_of_their_own(panel_of, panel, marko, reporter):
    opt_out(marko.address)
    customer = marko.conversation.customer
    remember_account(customer.pk, "qm:1")
    account = {"made": "qm:1", "agent": panel.agent.account_id}[reporter]

    words, _labels = banner(panel_of(reporter_account_id=account).get("view"))

    assert "comments" not in words[1]
    assert AuditEvent.objects.get(action="customer.linked").actor_kind == audit.Actor.SYSTEM


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"enabled": False}, "it is switched off"),
        ({"provider_state": "not-in-account"}, "it is not in the provider's account"),
        ({"provider_state": "banned"}, "the provider says “banned”"),
    ],
)
def test_sender_that_cannot_send_is_named(panel_of, inside_acme, changes, why):
    MessageFactory(conversation__issue_id="10101", channel="whatsapp")
    Sender.objects.update(**changes)
    words, labels = banner(panel_of(may_administer=True).get("view"))

    assert words == ["Sender not working", f"385951006719 (WhatsApp) cannot send: {why}."]
    assert labels == ["Open sender settings"]


def test_who_is_no_admin_is_told_whom_to_ask(panel, marko):
    Sender.objects.update(enabled=False)
    words, labels = banner(panel.get("view"))

    assert words[1].endswith("Ask an admin to check the senders.")
    assert labels == []


def test_admin_is_led_to_the_senders(panel_of, elements, marko):
    Sender.objects.update(enabled=False)
    response = panel_of(may_administer=True).get("view")

    page = buttons(elements, response)["open"]["href"]
    assert page.endswith("/admin/conversations/sender/")


@pytest.fixture
def both(marko):
    """The same customer wrote on WhatsApp last."""
    return MessageFactory(
        conversation=marko.conversation,
        channel="whatsapp",
        sender=SenderFactory(channel="whatsapp", number="385951006720"),
        address__phone_number=marko.address.phone_number,
    )


def test_channel_is_never_switched_silently(panel, elements, marko, both):
    Sender.objects.filter(channel="whatsapp").update(provider_state="banned")
    response = panel.get("view")

    assert response.headers["X-State"] == "sender-misconfigured"
    words, labels = banner(response)
    assert words[1].startswith("385951006720 (WhatsApp) cannot send: the provider says “banned”.")
    assert labels == ["Switch to SMS"]
    switch = buttons(elements, response)["switch"]
    route = {"sender": switch["data-sender"], "address": switch["data-address"]}
    chosen = panel.get("updates", **route)
    assert chosen.headers["X-State"] == "active"
    assert "<textarea" in chosen.content.decode()


def test_sender_that_cannot_send_is_refused_by_hand_too(panel, both):
    Sender.objects.filter(channel="whatsapp").update(provider_state="banned")

    assert panel.send(both).status_code == 404


def waiting(group, **changes):
    fields = {"attempts": 2, "last_error": "No answer."} | changes
    return OutboxEntry.objects.create(topic="x", group=group, subject="1", **fields)


MESSAGES = [
    "Messages are delayed",
    (
        "Since 2 Nov, 09:30 Infobip does not answer. Your messages are queued and go out by"
        " themselves."
    ),
]
JIRA = [
    "Jira does not answer",
    "Since 2 Nov, 09:30. You can read and reply. Status changes show later.",
]
BEGAN = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)


def test_delays_are_shown_in_addition_since_the_first_of_what_waits(panel, marko):
    for since in (BEGAN + timedelta(hours=1), BEGAN):
        waiting(f"conversation:{marko.conversation_id}", created_at=since)
        waiting(f"annotate:{marko.conversation_id}", created_at=since)
    response = panel.get("view")

    assert banner(response)[0] == [*MESSAGES, *JIRA]
    assert response.headers["X-State"] == "active"
    assert response.content.decode().count("data-late") == 2


def test_delay_of_jira_in_a_paused_conversation_promises_no_reply(panel, marko):
    lifecycle.pause(panel.agent)
    waiting(f"annotate:{marko.conversation_id}")

    words, labels = banner(panel.get("view"))
    assert words[-2] == "Jira does not answer"
    assert re.fullmatch(r"Since [\d:]+( [AP]M)?\. Status changes show later\.", words[-1])
    assert labels == ["Resume"]


@pytest.mark.parametrize(
    "changes",
    [
        {"attempts": 1},
        {"last_error": ""},
        {"state": "done"},
        {"state": "dead"},
        {"turn_at": timezone.now()},
        {"group": "conversation:0"},
    ],
)
def test_what_is_not_late_is_not_shown(panel, marko, changes):
    waiting(**({"group": f"conversation:{marko.conversation_id}"} | changes))

    assert banner(panel.get("view"))[0] == []


def test_deleted_request_is_called_so(panel, marko):
    lifecycle.take_deletion("10101", at=timezone.now())
    response = panel.get("view")

    assert banner(response)[0] == ["This request was deleted in Jira."]
    assert '<span class="loz state ended">Deleted</span>' in response.content.decode()
