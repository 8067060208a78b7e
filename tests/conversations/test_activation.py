"""Activating a conversation on a request: whose numbers, which channels, what is refused."""

from functools import partial

import pytest
from django.utils import timezone

from conversations import nudges
from conversations.contracts import Channel, RequestOpened
from conversations.errors import InvalidTransition, NotFound
from conversations.models import (
    Address,
    AuditEvent,
    Conversation,
    Customer,
    OutboxEntry,
    PhoneNumber,
    Sender,
)
from conversations.services import activation, lifecycle
from conversations.services.activation import ActivationRefused, activate
from conversations.services.inbound import receive_message
from conversations.services.replies import send_reply
from tenants.context import tenant_context
from tests.conversations.concurrency import together
from tests.factories import (
    AddressFactory,
    AgentFactory,
    ConversationFactory,
    InboundMessageFactory,
    MessageFactory,
    SenderFactory,
)

pytestmark = pytest.mark.django_db

NUMBER, OTHER = "385991903327", "385991903328"
SMS, WHATSAPP = Channel.SMS, Channel.WHATSAPP


@pytest.fixture
def agent(inside_acme):
    SenderFactory()
    SenderFactory(channel=WHATSAPP, number="385951006720")
    return AgentFactory(reporter_account_id="customer-1")


@pytest.fixture
def wrote(agent):
    """A customer who has written by SMS to the agent's request."""
    return MessageFactory(
        conversation__issue_id="10101",
        address__value=NUMBER,
        address__phone_number__key=NUMBER,
    )


def owned(number, channel=SMS, **changes):
    return AddressFactory(value=number, phone_number__key=number, channel=channel, **changes)


def refusal(agent, numbers, **more):
    with pytest.raises(ActivationRefused) as caught:
        activate(agent, numbers=numbers, **more)
    return caught.value


def test_new_number_begins_a_conversation_with_a_new_customer(agent):
    made = activate(agent, numbers={SMS: "+385 99 190 3327", WHATSAPP: "00385991903327"})

    assert (made.issue_id, made.issue_key, made.state) == ("10101", "SUP-101", "active")
    assert made.channels == ["sms", "whatsapp"]
    assert made.customer.jira_account_id == "customer-1"
    addresses = made.customer.phone_numbers.get().addresses.order_by("channel")
    assert [(a.channel, a.value) for a in addresses] == [("sms", NUMBER), ("whatsapp", NUMBER)]
    assert set(OutboxEntry.objects.values_list("topic", flat=True)) == {
        "request.annotate",
        "request.refresh",
    }


def test_panels_open_on_the_request_are_rung(
    agent, monkeypatch, django_capture_on_commit_callbacks
):
    rung = []
    monkeypatch.setattr(nudges._bells, "add", lambda subject, _version: rung.append(subject))

    with django_capture_on_commit_callbacks(execute=True):
        made = activate(agent, numbers={SMS: NUMBER})

    assert rung == [("site_acme", made.pk, ""), ("site_acme", made.pk, "10101")]


def test_paused_requests_of_the_customer_that_is_left_are_rung(agent):
    wrong = activate(agent, numbers={SMS: OTHER})
    theirs = ConversationFactory(customer=wrong.customer, issue_id="20202", state="paused")

    activate(agent, numbers={SMS: NUMBER})

    theirs.refresh_from_db()
    assert theirs.version == 1


def test_audit_log_has_the_fact_and_no_number(agent):
    made = activate(agent, numbers={SMS: NUMBER})

    event = AuditEvent.objects.get(action="conversation.activated")
    assert (event.action, event.actor, event.issue_key) == (
        "conversation.activated",
        agent.account_id,
        "SUP-101",
    )
    assert event.address_hash
    assert event.detail == {"channels": ["sms"], "state": "active", "version": made.version}


def test_twice_is_once(agent):
    first = activate(agent, numbers={SMS: NUMBER})
    second = activate(agent, numbers={SMS: NUMBER})

    assert (second, second.version) == (first, first.version)
    assert AuditEvent.objects.filter(action="conversation.activated").count() == 1
    assert OutboxEntry.objects.filter(topic="request.annotate").count() == 1


def test_link_to_the_reporter_is_recorded_and_so_is_its_end(agent):
    wrong = activate(agent, numbers={SMS: OTHER}).customer
    right = activate(agent, numbers={SMS: NUMBER}).customer

    links = AuditEvent.objects.filter(action="customer.linked", actor=agent.account_id)
    assert [(link.subject_id, link.detail) for link in links.order_by("pk")] == [
        (str(wrong.pk), {"before": "", "after": "customer-1"}),
        (str(wrong.pk), {"before": "customer-1", "after": ""}),
        (str(right.pk), {"before": "", "after": "customer-1"}),
    ]


def test_agent_who_reported_the_request_is_not_its_customer(agent):
    reporter = AgentFactory(reporter_account_id=agent.account_id)

    assert activate(reporter, numbers={SMS: NUMBER}).customer.jira_account_id == ""


def test_number_of_a_known_customer_is_that_customer(agent):
    known = owned(NUMBER)

    assert activate(agent, numbers={SMS: NUMBER}).customer == known.phone_number.customer
    assert Address.objects.get() == known


def test_address_that_wrote_is_the_one_that_is_used(agent):
    known = AddressFactory(value="5215512345678", phone_number__key="525512345678")
    activate(agent, numbers={SMS: "+52 55 1234 5678"})

    assert Address.objects.get() == known


def test_paused_while_another_request_holds_the_customer(agent):
    holder = ConversationFactory(issue_id="1", customer=owned(NUMBER).phone_number.customer)
    made = activate(agent, numbers={SMS: NUMBER})

    assert made.state == "paused"
    assert Conversation.objects.active().get() == holder


def test_request_that_is_just_being_opened_is_waited_for(agent):
    customer = owned(NUMBER).phone_number.customer
    ConversationFactory(customer=customer, state="opening", issue_id="", issue_key="")

    assert refusal(agent, {SMS: NUMBER}).code == "opening"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("0991903327", "Enter the number with its country code, like +385 99 190 3327."),
        ("call me", "A phone number has digits only, like +385 99 190 3327."),
        ("+385 99 190 3327 123456", "This number is too long. Enter a number like"),
        ("", "Enter the number with its country code, like +385 99 190 3327."),
    ],
)
def test_number_that_is_none_is_refused_at_its_field(agent, typed, words):
    problems = refusal(agent, {SMS: NUMBER, WHATSAPP: typed}).problems

    assert list(problems) == [WHATSAPP]
    assert problems[WHATSAPP].startswith(words)
    assert not Conversation.objects.exists()


def test_both_fields_are_judged_at_once(agent):
    assert set(refusal(agent, {SMS: "099", WHATSAPP: "x"}).problems) == {SMS, WHATSAPP}


def test_numbers_of_two_customers_are_never_joined(agent):
    owned(NUMBER)
    owned(OTHER, WHATSAPP)
    refused = refusal(agent, {SMS: NUMBER, WHATSAPP: OTHER})

    assert (refused.code, list(refused.problems)) == ("two-customers", [WHATSAPP])
    assert Customer.objects.count() == 2


def test_number_of_nobody_becomes_the_known_customers(agent):
    known = owned(OTHER, WHATSAPP).phone_number.customer
    made = activate(agent, numbers={SMS: NUMBER, WHATSAPP: OTHER})

    assert made.customer == known
    assert set(known.phone_numbers.values_list("key", flat=True)) == {NUMBER, OTHER}


def test_opted_out_number_cannot_be_entered_again(agent):
    owned(NUMBER, opted_out_at=timezone.now())
    refused = refusal(agent, {SMS: NUMBER})

    assert refused.code == "opted-out"
    assert "when the customer writes START" in refused.problems[SMS]


def test_opted_out_number_cannot_be_entered_on_a_new_channel_either(agent):
    owned(NUMBER, opted_out_at=timezone.now())

    assert refusal(agent, {WHATSAPP: NUMBER}).code == "opted-out"


def test_opted_out_of_one_channel_is_reached_on_the_other(agent):
    known = owned(NUMBER, opted_out_at=timezone.now())
    AddressFactory(phone_number=known.phone_number, channel=WHATSAPP)

    assert activate(agent, numbers={WHATSAPP: NUMBER}).channels == ["whatsapp"]


def test_channel_without_a_sender_is_refused(agent):
    Sender.objects.filter(channel=WHATSAPP).update(enabled=False)
    refused = refusal(agent, {SMS: NUMBER, WHATSAPP: NUMBER})

    assert refused.problems == {
        WHATSAPP: "None of your numbers can send WhatsApp. Ask an admin to add one."
    }
    assert not PhoneNumber.objects.exists()


def test_reader_may_not(agent):
    assert refusal(AgentFactory(may_reply=False), {SMS: NUMBER}).code == "read-only"


def test_without_a_licence_nothing_begins(agent, acme):
    acme.licence_active = False
    acme.save()

    with tenant_context(acme):
        assert refusal(agent, {SMS: NUMBER}).code == "unlicensed"


def test_mistyped_number_is_corrected_and_stays_whose_it_was(agent):
    wrong = activate(agent, numbers={SMS: OTHER}).customer
    corrected = activate(agent, numbers={SMS: NUMBER})

    wrong.refresh_from_db()
    assert Conversation.objects.get() == corrected
    assert corrected.customer != wrong
    assert wrong.phone_numbers.get().key == OTHER
    assert (wrong.jira_account_id, corrected.customer.jira_account_id) == ("", "customer-1")


def test_correction_to_a_customer_who_is_active_elsewhere_pauses(agent):
    activate(agent, numbers={SMS: OTHER})
    ConversationFactory(issue_id="1", customer=owned(NUMBER).phone_number.customer)

    assert activate(agent, numbers={SMS: NUMBER}).state == "paused"


def test_number_that_wrote_cannot_be_changed(wrote, agent):
    refused = refusal(agent, {SMS: OTHER})

    assert "it cannot be changed" in refused.problems[SMS]
    assert Conversation.objects.get().customer == wrote.conversation.customer


def test_free_number_is_added_on_the_other_channel(wrote, agent):
    changed = activate(agent, numbers={SMS: NUMBER, WHATSAPP: OTHER})

    assert changed.channels == ["sms", "whatsapp"]
    assert Address.objects.get(channel=WHATSAPP).phone_number.customer == changed.customer
    assert AuditEvent.objects.get().action == "conversation.channels-changed"


def test_number_of_another_customer_is_not_added(wrote, agent):
    owned(OTHER, WHATSAPP)
    refused = refusal(agent, {SMS: NUMBER, WHATSAPP: OTHER})

    assert refused.problems == {
        WHATSAPP: "This number belongs to another customer. Enter one of this customer's."
    }


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("resolved", 'if the request is in status "Resolved"'),
        ("deleted", "This request was deleted in Jira."),
        ("opted out", "The customer asked not to be messaged."),
    ],
)
def test_ended_conversation_is_not_activated(agent, reason, words):
    ConversationFactory(issue_id="10101", state="ended", end_reason=reason, issue_status="Resolved")
    refused = refusal(agent, {SMS: "not even a number"})

    assert refused.code == "conversation-ended"
    assert words in refused.problems[None]


def test_last_channel_is_removed_only_when_confirmed(wrote, agent):
    assert refusal(agent, {}).code == "confirm"

    stopped = activate(agent, numbers={}, confirm=True)

    assert (stopped.channels, stopped.state) == ([], "paused")
    assert activate(agent, numbers={}).version == stopped.version


def test_without_a_channel_nothing_begins(agent):
    assert refusal(agent, {}, confirm=True).problems == {None: "Choose a channel first."}


def test_stopped_conversation_cannot_be_resumed_until_a_channel_is_on(wrote, agent):
    activate(agent, numbers={}, confirm=True)
    with pytest.raises(InvalidTransition, match=r"Choose a channel first\."):
        lifecycle.resume(agent)

    assert activate(agent, numbers={SMS: NUMBER}).state == "active"


def test_pause_of_an_agent_stays_when_channels_change(wrote, agent):
    lifecycle.pause(agent)

    assert activate(agent, numbers={SMS: NUMBER, WHATSAPP: NUMBER}).state == "paused"


def test_message_on_a_channel_that_was_off_switches_it_on(wrote, agent):
    activate(agent, numbers={SMS: NUMBER})
    receive_message(
        InboundMessageFactory(channel=WHATSAPP, address=NUMBER, sender_number="385951006720")
    )

    assert Conversation.objects.get().channels == ["sms", "whatsapp"]


def test_message_leaves_all_channels_on_where_nobody_chose(wrote):
    receive_message(InboundMessageFactory(address=NUMBER))

    assert Conversation.objects.get().channels is None


def test_nothing_is_sent_on_a_channel_that_is_off(wrote, agent):
    activate(agent, numbers={WHATSAPP: NUMBER})

    with pytest.raises(NotFound):
        send_reply(
            agent,
            text="Hello",
            client_id="0b8f4c63-5a39-4a47-9f3a-b3f50a1f6c58",
            sender_id=wrote.sender_id,
            address_id=wrote.address_id,
        )


@pytest.mark.django_db(transaction=True)
def test_request_that_becomes_another_customers_meanwhile_is_refused(agent, monkeypatch):
    opening = ConversationFactory(state="opening", issue_id="", issue_key="")
    opened = RequestOpened(agent.issue_id, agent.issue_key)
    monkeypatch.setattr(
        activation,
        "_require_senders",
        lambda _plan: together(partial(lifecycle.attach_request, opening.pk, opened)),
    )

    assert refusal(agent, {SMS: NUMBER}).code == "opening"
    assert Conversation.objects.get().customer == opening.customer


@pytest.mark.django_db(transaction=True)
def test_two_agents_activate_one_request_at_once(agent):
    numbers = [NUMBER, OTHER] * 3
    together(*[partial(activate, agent, numbers={SMS: number}) for number in numbers])

    assert Conversation.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("known", [True, False])
def test_one_number_on_many_requests_at_once_is_active_on_one(agent, known):
    if known:
        owned(NUMBER)
    agents = [AgentFactory(issue_id=str(number)) for number in range(6)]
    together(*[partial(activate, each, numbers={SMS: NUMBER}) for each in agents])

    assert Customer.objects.count() == 1
    assert Conversation.objects.count() == 6
    assert Conversation.objects.active().count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_new_numbers_crosswise_at_once_do_not_deadlock(agent):
    one, two = AgentFactory(issue_id="1"), AgentFactory(issue_id="2")
    together(
        *[
            partial(activate, one, numbers={SMS: NUMBER, WHATSAPP: OTHER}),
            partial(activate, two, numbers={SMS: OTHER, WHATSAPP: NUMBER}),
        ]
        * 3
    )

    assert Customer.objects.count() == 1
    assert Conversation.objects.active().count() == 1
