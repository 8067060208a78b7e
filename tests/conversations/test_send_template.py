"""A template: sent whether the window is open or not, and refused with words for the agent."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from conversations.contracts import Channel, MessageKind, SendState
from conversations.errors import ConfirmationNeeded, NotFound, SendingRefused
from conversations.models import (
    Attachment,
    Conversation,
    Draft,
    Message,
    MessageTemplate,
    OutboxEntry,
    SendingSettings,
)
from conversations.services.templates import ValuesRefused, default_fallback, send_template
from conversations.services.texts import MANY_PARTS
from conversations.templates import Button, ButtonKind, Header, HeaderKind, Structure
from tests.factories import (
    AddressFactory,
    AgentFactory,
    ConversationFactory,
    MessageTemplateFactory,
    SenderFactory,
)

pytestmark = pytest.mark.django_db

PARCEL = Structure(
    body="Hello {{1}}, {{2}} comes today.",
    header=Header(HeaderKind.TEXT, "Parcel {{1}}"),
    footer="Acme Shop",
    buttons=(
        Button(ButtonKind.PHONE, "Call us", phone="385951006719"),
        Button(ButtonKind.QUICK_REPLY, "Not at home"),
        Button(ButtonKind.URL, "Shop", url="https://acme.example"),
        Button(ButtonKind.URL, "Track", url="https://acme.example/t/{{1}}"),
        Button(ButtonKind.COPY_CODE, ""),
    ),
)
VALUES = {
    "header.text": "HR-7",
    "body.1": "Ivan",
    "body.2": "HR-7",
    "button.3": "HR-7",
    "button.4": "TEN",
}
AGENT = AgentFactory()
SEVEN_PARTS = "š" * 67 * 6 + "š"


@pytest.fixture
def address(inside_acme):
    """A customer who has never written: only a template may be sent."""
    conversation = ConversationFactory(issue_id="10101", channel=Channel.WHATSAPP)
    return AddressFactory(channel=Channel.WHATSAPP, phone_number__customer=conversation.customer)


@pytest.fixture
def template(address):
    return MessageTemplateFactory(structure=PARCEL.as_json())


def send(template, address, **changes):
    values = {
        "template_id": template.pk,
        "values": VALUES,
        "client_id": uuid4(),
        "sender_id": template.sender_id,
        "address_id": address.pk,
    }
    return send_template(changes.pop("agent", AGENT), **(values | changes))


def assert_refused(template, address, code, **changes):
    with pytest.raises(SendingRefused) as refused:
        send(template, address, **changes)
    assert refused.value.code == code
    assert not Message.objects.exists()
    assert not OutboxEntry.objects.exists()
    return refused.value


def test_template_is_the_first_message_of_a_conversation(template, address):
    message = send(template, address)

    assert (message.kind, message.status) == (MessageKind.TEMPLATE, SendState.QUEUED)
    assert message.text == "Hello Ivan, HR-7 comes today."
    entry = OutboxEntry.objects.get()
    assert (entry.topic, entry.subject) == ("message.deliver", str(message.sends.get().pk))


def test_content_holds_the_values_in_order_and_what_is_shown(template, address):
    message = send(template, address)

    assert message.content == {
        "template_id": template.pk,
        "name": "parcel_today",
        "language": "en",
        "body": ["Ivan", "HR-7"],
        "header": {"type": "text", "value": "HR-7"},
        "buttons": [
            {"type": "quick-reply", "value": "Not at home"},
            {"type": "url", "value": "HR-7"},
            {"type": "copy-code", "value": "TEN"},
        ],
        "shown": {
            "header": "Parcel HR-7",
            "footer": "Acme Shop",
            "buttons": ["Call us", "Not at home", "Shop", "Track", "Copy code"],
        },
    }


def test_ten_values_go_in_the_order_of_their_numbers(template, address):
    body = " ".join(f"{{{{{number}}}}}" for number in (10, 9, 8, 7, 6, 5, 4, 3, 2, 1))
    ten = MessageTemplateFactory(name="ten", body=body)

    message = send(ten, address, values={f"body.{n}": f"v{n}" for n in range(1, 11)})

    assert message.content["body"] == [f"v{number}" for number in range(1, 11)]


def test_template_without_variables_needs_no_values(template, address):
    plain = MessageTemplateFactory(name="plain", body="See you.")

    content = send(plain, address, values={}).content

    assert (content["body"], content["header"], content["buttons"]) == ([], None, [])


def test_place_goes_as_latitude_and_longitude(template, address):
    structure = Structure("We are here.", header=Header(HeaderKind.LOCATION)).as_json()
    here = MessageTemplateFactory(name="here", structure=structure)

    message = send(here, address, values={"header.location": "45.8131, 15.9772"})

    assert message.content["header"] == {
        "type": "location",
        "value": {"latitude": 45.8131, "longitude": 15.9772},
    }
    assert message.content["shown"]["header"] == "45.8131, 15.9772"


def test_same_client_id_is_one_message(template, address):
    client_id = uuid4()

    assert send(template, address, client_id=client_id) == send(
        template, address, client_id=client_id
    )
    assert OutboxEntry.objects.count() == 1


def test_draft_is_kept_for_it_was_not_what_was_sent(template, address):
    Draft.objects.create(issue_id="10101", account_id=AGENT.account_id, text="half")

    send(template, address)

    assert Draft.objects.get().text == "half"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"status": "FIRST_PAUSED"}, "customers complained"),
        ({"status": "REJECTED"}, "rejected"),
        ({"status": "SOMETHING_NEW"}, "SOMETHING_NEW"),
        ({"gone_at": timezone.now()}, "no more"),
        ({"not_understood": "a button of another kind (FLOW)"}, "FLOW"),
    ],
)
def test_template_that_changed_since_it_was_listed(template, address, changes, why):
    MessageTemplate.objects.filter(pk=template.pk).update(**changes)

    refusal = assert_refused(template, address, "template-not-sendable")

    assert why in str(refusal)


@pytest.mark.parametrize("status", ["APPROVED", "REINSTATED", "FLAGGED"])
def test_sendable_states(template, address, status):
    MessageTemplate.objects.update(status=status)

    assert send(template, address).pk


def test_template_of_another_sender_is_not_found(template, address):
    other = SenderFactory(channel=Channel.WHATSAPP, number="385951006700")

    with pytest.raises(NotFound):
        send(template, address, sender_id=other.pk)
    assert not Message.objects.exists()


def test_template_goes_by_whatsapp_only(template, address):
    by_sms = AddressFactory(phone_number=address.phone_number, channel=Channel.SMS)

    assert_refused(template, by_sms, "refused", sender_id=SenderFactory().pk)


def test_missing_values_are_all_named(template, address):
    refusal = assert_refused(template, address, "template-values", values={"body.1": "Ivan"})

    assert isinstance(refusal, ValuesRefused)
    assert list(refusal.problems) == ["header.text", "body.2", "button.3", "button.4"]


def test_marketing_goes_to_nobody_who_refused_it(template, address):
    address.no_marketing_since = timezone.now()
    address.save()
    assert send(template, address).pk

    MessageTemplate.objects.update(category="MARKETING")
    with pytest.raises(SendingRefused) as refused:
        send(template, address)
    assert refused.value.code == "no-marketing"


def test_nothing_goes_to_who_opted_out(template, address):
    address.opted_out_at = timezone.now()
    address.save()

    assert_refused(template, address, "opted-out")


def test_reader_may_not_send(template, address):
    assert_refused(template, address, "read-only", agent=AgentFactory(may_reply=False))


def test_paused_conversation_sends_nothing(template, address):
    Conversation.objects.update(state=Conversation.State.PAUSED)

    assert_refused(template, address, "conversation-paused")


@pytest.fixture
def invoice(address):
    structure = Structure("Your invoice.", header=Header(HeaderKind.DOCUMENT)).as_json()
    return MessageTemplateFactory(name="invoice", structure=structure)


def upload(**changes):
    values = {
        "issue_id": "10101",
        "uploaded_by": AGENT.account_id,
        "state": Attachment.State.STORED,
        "name": "invoice.pdf",
        "content_type": "application/pdf",
        "size": 1000,
    }
    return Attachment.objects.create(**(values | changes))


def test_header_takes_an_upload(invoice, address):
    file = upload()

    message = send(invoice, address, values={}, attachment_id=file.pk)

    assert (message.attachments.get(), message.content["header"]) == (
        file,
        {"type": "document", "value": ""},
    )


@pytest.mark.parametrize("values", [{}, {"header.file": "invoice.pdf"}])
def test_header_needs_its_file(invoice, address, values):
    refusal = assert_refused(invoice, address, "template-values", values=values)

    assert list(refusal.problems) == ["header.file"]


@pytest.mark.parametrize(
    "changes", [{"content_type": "image/png"}, {"size": 101 * 1024 * 1024}, {"state": "failed"}]
)
def test_header_takes_no_wrong_file(invoice, address, changes):
    file = upload(**changes)

    refusal = assert_refused(invoice, address, "template-values", values={}, attachment_id=file.pk)

    assert list(refusal.problems) == ["header.file"]
    assert Attachment.objects.get().message is None


@pytest.mark.parametrize("changes", [{"issue_id": "20202"}, {"uploaded_by": "somebody else"}])
def test_header_takes_no_file_of_others(invoice, address, changes):
    file = upload(**changes)

    with pytest.raises(NotFound):
        send(invoice, address, values={}, attachment_id=file.pk)


@pytest.fixture
def fallback_on(address):
    SendingSettings.objects.create(sms_fallback=True)
    return SenderFactory()


def test_fallback_is_kept_with_its_sender(template, address, fallback_on):
    text = default_fallback(template, VALUES)

    message = send(template, address, sms_fallback=text)

    assert message.content["sms_fallback"] == {
        "sender": fallback_on.number,
        "text": "Parcel HR-7\nHello Ivan, HR-7 comes today.\nAcme Shop",
    }


def test_fallback_without_words_is_the_template_itself(template, address, fallback_on):
    content = send(template, address, sms_fallback=" ").content

    assert content["sms_fallback"]["text"] == default_fallback(template, VALUES)


def test_fallback_that_is_not_filled_in_is_refused(template, address, fallback_on):
    text = default_fallback(template, {})

    assert_refused(template, address, "fallback-variable", sms_fallback=text)


def test_fallback_is_refused_where_it_is_off(template, address):
    SenderFactory()

    assert_refused(template, address, "no-fallback", sms_fallback="Hello")


def test_fallback_is_counted_like_an_sms(template, address, fallback_on):
    assert_refused(template, address, "too-long", sms_fallback="x" * 1001)


def test_fallback_of_many_parts_is_asked_about(template, address, fallback_on):
    with pytest.raises(ConfirmationNeeded) as asked:
        send(template, address, sms_fallback=SEVEN_PARTS)

    assert asked.value.code == MANY_PARTS
    assert not Message.objects.exists()


def test_fallback_of_many_parts_goes_when_the_agent_says_so(template, address, fallback_on):
    message = send(template, address, sms_fallback=SEVEN_PARTS, confirmed=[MANY_PARTS])

    assert message.content["sms_fallback"]["text"] == SEVEN_PARTS


def test_fallback_goes_to_nobody_who_refused_sms(template, address, fallback_on):
    AddressFactory(
        phone_number=address.phone_number,
        channel=Channel.SMS,
        opted_out_at=timezone.now() - timedelta(days=1),
    )

    assert_refused(template, address, "opted-out", sms_fallback="Hello")


def test_fallback_is_refused_where_sms_is_not_activated(template, address, fallback_on):
    Conversation.objects.update(channels=[Channel.WHATSAPP])

    assert_refused(template, address, "no-fallback", sms_fallback="Hello")


def test_fallback_needs_a_number(template, address, fallback_on):
    address.value = "HR.13491208655302741918"
    address.save()

    assert_refused(template, address, "no-number", sms_fallback="Hello")
