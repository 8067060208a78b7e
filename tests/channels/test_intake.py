"""Items the webhook has kept, taken in: what of them the domain then knows."""

import json
from itertools import permutations
from uuid import UUID

import pytest

from channels.infobip import webhook
from conversations import inbox
from conversations.models import (
    Address,
    Attachment,
    AuditEvent,
    Conversation,
    Customer,
    InboxEntry,
    Message,
    MessageTemplate,
    OutboxEntry,
    Send,
)
from tests.channels.infobip.payloads import FOLDER, body
from tests.factories import MessageTemplateFactory, SenderFactory, SendFactory

pytestmark = pytest.mark.django_db

SENT = UUID("3f0a1b52-7c7e-4e0d-9d6a-1f2e3d4c5b6a")
MESSAGES = sorted(
    path.stem
    for path in FOLDER.glob("*.json")
    if path.stem.startswith(("sms_", "mms_", "whatsapp_")) and "reaction" not in path.stem
)
DONE_WITHOUT_A_TRACE = [
    *("messages_api_typing", "click", "payment_status", "identity_change", "blocklist_block"),
    *("blocklist_unblock", "blocklist_email", "marketing_stop", "marketing_resume"),
]


@pytest.fixture(autouse=True)
def _senders(inside_acme):
    SenderFactory()
    SenderFactory(channel="whatsapp", number="385951006720")


@pytest.fixture
def ours():
    return SendFactory(pk=SENT, message__channel="whatsapp", state="sent")


def take(*bodies):
    """Keep bodies as the webhook does, and understand them."""
    for content in bodies:
        raw = content if isinstance(content, bytes) else json.dumps(content).encode()
        inbox.keep("infobip", webhook.split(raw))
    inbox.drain()


def states():
    return sorted(InboxEntry.objects.values_list("state", flat=True))


@pytest.mark.parametrize("name", MESSAGES)
def test_message_of_every_shape_is_stored(name):
    take(body(name))

    assert (states(), Message.objects.count()) == (["done"], 1)


@pytest.mark.parametrize("name", DONE_WITHOUT_A_TRACE)
def test_event_about_nobody_we_know_is_done_and_leaves_nothing(name):
    take(body(name))

    assert states() == ["done"]
    assert (Message.objects.count(), Customer.objects.count()) == (0, 0)
    assert AuditEvent.objects.exists() is False


def test_mixed_batch(ours):
    take(body("mixed_batch"))

    assert states() == ["done"] * 8
    assert Message.objects.from_customer().count() == 2
    assert Send.objects.get().state == "delivered"
    assert Address.objects.get(channel="sms", value="385991903327").opted_out_at is not None


def test_reaction_attaches_to_the_message_it_means(ours):
    take(body("whatsapp_reaction"))

    assert Message.objects.get().reaction == "👍"
    assert Conversation.objects.count() == 1


def test_reaction_that_overtakes_its_message_waits():
    item = json.loads(body("whatsapp_reaction"))
    item["results"][0]["message"]["context"]["id"] = "wamid.TEXT=="
    take(item)
    assert states() == ["new"]

    text = json.loads(body("whatsapp_text"))
    text["results"][0]["messageId"] = "wamid.TEXT=="
    take(text)
    InboxEntry.objects.update(due_at="2026-01-01T00:00:00Z")
    inbox.drain()

    assert states() == ["done", "done"]
    assert Message.objects.from_customer().get().reaction == "👍"


def test_unblocking_is_understood_whichever_number_it_calls_the_sender():
    take(body("sms_inbound"), body("blocklist_block"))
    assert Address.objects.get().opted_out_at is not None

    unblock = json.loads(body("blocklist_unblock"))
    unblock["results"][0]["receivedAt"] = "2026-11-20T10:00:00.000+0000"
    take(unblock)

    assert Address.objects.get().opted_out_at is None


@pytest.mark.parametrize(("sender", "heeded"), [("ACME Loans", False), ("", True)])
def test_block_at_a_sender_of_another_system_is_not_ours(sender, heeded):
    block = json.loads(body("blocklist_block"))
    block["results"][0]["content"]["sender"] = sender

    take(body("sms_inbound"), block)

    assert (Address.objects.get().opted_out_at is not None) is heeded
    assert states() == ["done", "done"]


def test_stop_by_a_quick_reply_opts_out_of_whatsapp():
    take(body("whatsapp_stop_by_button"))

    assert Address.objects.get().opted_out_by == "customer"


def test_echo_is_done_and_opens_nothing():
    echo = json.loads(body("whatsapp_text"))
    echo["results"][0].update({"from": "385951006720", "to": "385991903327", "contact": None})

    take(echo)

    assert (states(), Conversation.objects.count()) == (["done"], 0)


def report_of(number, name, **changes):
    """One of the reports of a message, in the provider's words."""
    item = json.loads(body(name))["results"][0]
    return {**item, "messageId": str(UUID(int=number)), **changes}


SENT_ON = {"groupId": 1, "groupName": "PENDING", "id": 7, "name": "PENDING_ENROUTE"}
AT_OPERATOR = {"groupId": 3, "groupName": "DELIVERED", "id": 2, "name": "DELIVERED_TO_OPERATOR"}


def reports_of(number):
    return [
        report_of(number, "report_v3", status=SENT_ON),
        report_of(number, "report_v3", status=AT_OPERATOR),
        report_of(number, "report_v3_failed"),
        report_of(number, "report_v3"),
        report_of(number, "seen_messages_api"),
    ]


@pytest.mark.django_db(transaction=True)  # the database cuts long transactions
def test_all_orders_of_five_reports_end_in_one_state():
    message = SendFactory().message
    orders = list(permutations(range(5)))
    for number in range(len(orders)):
        SendFactory(pk=UUID(int=number), message=message, number=number + 2, state="sending")

    batches = [reports_of(number) for number in range(len(orders))]
    take({"results": [batches[n][place] for n, order in enumerate(orders) for place in order]})

    ends = Send.objects.filter(number__gt=1).values_list("state", "failure", "error_code")
    assert (len(orders), set(ends)) == (120, {("read", "", "")})
    assert set(states()) == {"done"}


def test_report_by_sms_shows_that_the_fallback_went(ours):
    take(body("report_of_fallback"))

    send = Send.objects.get()
    assert (send.state, send.by_fallback) == ("delivered", True)


def test_templates_are_fetched_once_for_many_updates():
    update = json.loads(body("template_update"))

    take(*({**update, "messageTemplateLanguage": code} for code in ("hr", "de", "en")))

    promised = OutboxEntry.objects.get()
    assert (promised.topic, promised.subject) == ("templates.sync", "all")


def test_reason_of_a_rejection_is_kept_from_the_event():
    template = MessageTemplateFactory(name="order_ready", language="hr")
    MessageTemplateFactory(name="order_ready", language="de")
    update = json.loads(body("template_update"))

    take(update | {"change": {"newStatus": "REJECTED", "reason": "SCAM"}})

    assert MessageTemplate.objects.exclude(rejected_for="").get() == template


def test_image_and_text_of_one_message_are_one_row_with_a_file():
    take(body("messages_api_image_and_text"))

    message = Message.objects.get()
    assert (message.kind, message.text) == ("image", "It came like this")
    assert Attachment.objects.get().message == message


def test_number_that_appears_later_is_the_same_customer():
    without, with_number = body("whatsapp_without_number"), body("whatsapp_text")

    take(without, with_number)

    assert (Customer.objects.count(), Conversation.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    "author", ["INFOBANK", "12345", "", None, "x" * 64, "x" * 10_000, 385991903327, "\x00"]
)
def test_author_of_every_kind_is_stored(author):
    item = json.loads(body("sms_inbound_bare"))
    item["results"][0]["from"] = author

    take(item)

    assert (states(), Message.objects.count()) == (["done"], 1)


@pytest.mark.django_db(transaction=True)  # the database cuts long transactions
def test_batch_of_two_thousand_with_one_malformed():
    results = [
        {"messageId": f"m-{n}", "from": "385991903327", "to": "385951006719", "text": f"No. {n}"}
        for n in range(2000)
    ]
    results[1041] = {"messageId": {"a": []}, "from": 7, "text": None, "message": [[]]}

    take({"results": results})

    assert states().count("done") == 1999
    assert InboxEntry.objects.get(state="quarantined").reason == "The message has no usable id."
    assert (Message.objects.count(), Conversation.objects.count()) == (1999, 1)
