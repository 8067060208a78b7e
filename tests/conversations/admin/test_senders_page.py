"""The console's senders."""

import pytest
from django.utils import timezone

from conversations.models import AuditEvent, MessageTemplate, OutboxEntry, Sender
from logins.roles import Role
from tests.consoles import client_of, owners_client
from tests.factories import (
    MessageFactory,
    MessageTemplateFactory,
    ProviderAccountFactory,
    SenderFactory,
)

pytestmark = pytest.mark.django_db

LIST = "/admin/conversations/sender/"


@pytest.mark.parametrize(
    ("channel", "typed", "number"),
    [
        ("whatsapp", "+385 95 100 6720", "385951006720"),
        ("sms", "385951006719", "385951006719"),
        ("sms", "12345", "12345"),
        ("sms", "Acme Shop", "Acme Shop"),
    ],
)
def test_sender_is_kept_as_the_provider_has_it(channel, typed, number):
    owners_client().post(f"{LIST}add/", {"channel": channel, "number": typed, "enabled": "on"})

    assert Sender.objects.values_list("channel", "number", "enabled").get() == (
        channel,
        number,
        True,
    )


@pytest.mark.parametrize(
    ("channel", "typed"),
    [("whatsapp", "Acme"), ("whatsapp", "12345"), ("sms", "0951006719"), ("sms", "Twelve chars")],
)
def test_number_that_cannot_send_is_refused(channel, typed):
    response = owners_client().post(f"{LIST}add/", {"channel": channel, "number": typed})

    assert "number" in response.context["adminform"].errors
    assert Sender.objects.exists() is False


def test_same_number_typed_otherwise_is_refused():
    SenderFactory(number="385951006719")

    response = owners_client().post(f"{LIST}add/", {"channel": "sms", "number": "+385 95 100 6719"})

    assert response.status_code == 200
    assert Sender.objects.count() == 1


def test_disabling_is_recorded():
    sender = SenderFactory()

    owners_client().post(f"{LIST}{sender.pk}/change/", {"channel": "sms", "number": sender.number})

    sender.refresh_from_db()
    assert sender.enabled is False
    assert AuditEvent.objects.get().detail["fields"] == {
        "enabled": {"before": True, "after": False}
    }


def test_number_of_a_used_sender_stays():
    sender = MessageFactory().sender

    owners_client().post(
        f"{LIST}{sender.pk}/change/",
        {"channel": "whatsapp", "number": "385951000000", "label": "Old", "enabled": "on"},
    )

    sender.refresh_from_db()
    assert (sender.channel, sender.number, sender.label) == ("sms", "385951006719", "Old")


def test_used_sender_cannot_be_deleted():
    sender = MessageFactory().sender

    response = owners_client().post(f"{LIST}{sender.pk}/delete/", {"post": "yes"})

    assert response.status_code == 403
    assert Sender.objects.get() == sender


def test_unused_sender_is_deleted_and_that_recorded():
    sender = SenderFactory()

    owners_client().post(f"{LIST}{sender.pk}/delete/", {"post": "yes"})

    event = AuditEvent.objects.get()
    assert Sender.objects.exists() is False
    assert (event.action, event.subject_id) == ("settings.changed", str(sender.pk))
    assert event.detail["change"] == "deleted"


def test_templates_of_a_deleted_sender_go_with_it():
    gone = MessageTemplateFactory(gone_at=timezone.now())

    owners_client().post(f"{LIST}{gone.sender_id}/delete/", {"post": "yes"})

    assert (Sender.objects.exists(), MessageTemplate.objects.exists()) == (False, False)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({}, "Webhook missing"),
        ({"heard_at": timezone.now()}, "Working"),
        ({"provider_state": "connected"}, "Webhook missing"),
        ({"provider_state": "not-in-account"}, "Not in the provider account"),
        ({"provider_state": "banned", "heard_at": timezone.now()}, "Banned"),
        ({"enabled": False}, "Switched off"),
    ],
)
def test_list_says_in_words_how_a_sender_stands(fields, says):
    SenderFactory(**fields)

    assert says in owners_client().get(LIST).content.decode()


def test_sender_that_waits_for_its_first_message_is_not_blamed():
    SenderFactory(heard_at=timezone.now())
    SenderFactory(number="385951006777")

    page = owners_client().get(LIST).content.decode()
    assert ("No message yet" in page, "Webhook missing" in page) == (True, False)


def test_list_shows_quality_and_limit():
    SenderFactory(channel="whatsapp", quality="medium", daily_limit="1k")

    assert "Medium, 1k people a day" in owners_client().get(LIST).content.decode()


def test_a_saved_sender_is_looked_up_at_the_provider_at_once():
    client = owners_client()
    for channel, number in (("whatsapp", "385951006720"), ("sms", "385951006719")):
        client.post(f"{LIST}add/", {"channel": channel, "number": number, "enabled": "on"})

    topics = OutboxEntry.objects.order_by("topic").values_list("topic", flat=True)
    assert list(topics) == ["senders.check", "templates.sync"]


def test_subscribed_sender_is_not_said_to_lack_the_webhook():
    SenderFactory()
    ProviderAccountFactory(subscriptions={"senders": {"SMS": ["385951006719"]}})

    page = owners_client().get(LIST).content.decode()

    assert ("No message yet" in page, "Webhook missing" in page) == (True, False)


def test_same_sender_twice_is_refused_in_words():
    SenderFactory(number="385951006719")

    response = owners_client().post(f"{LIST}add/", {"channel": "sms", "number": "385951006719"})

    assert "This sender is there already." in response.content.decode()


def test_empty_list_says_what_to_do():
    page = owners_client().get(LIST).content.decode()

    assert "No senders yet. Add the number your customers will see." in page


def test_auditor_sees_a_sender_without_a_button():
    sender = SenderFactory(label="Shop")

    page = client_of("vera", Role.AUDITOR).get(f"{LIST}{sender.pk}/change/").content.decode()

    shown = page.partition('id="sender_form"')[2].partition("</form>")[0]
    assert "Shop" in shown
    assert [word for word in ('type="submit"', "Add rule", "Send test") if word in shown] == []
