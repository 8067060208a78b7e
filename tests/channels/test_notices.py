"""What the console says of the provider, and when it says nothing."""

from datetime import timedelta

import pytest
from django.utils import timezone

from channels import notices
from channels.models import ProviderAccount, WebhookRefusal
from tenants.context import tenant_context
from tests.consoles import owners_client
from tests.factories import (
    MessageFactory,
    ProviderAccountFactory,
    SenderFactory,
    SendFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.urls("omnichat.urls_site")]


@pytest.fixture
def heard(db):
    return ProviderAccountFactory(heard_at=timezone.now())


def titles():
    return [notice.title for notice in notices.current()]


def test_all_well_is_silence(heard):
    SenderFactory(provider_state="connected", quality="high")

    assert titles() == []


def test_missing_account_is_all_that_is_said():
    SenderFactory(provider_state="banned")

    assert titles() == ["No provider account is connected"]


def test_refused_key_is_said_with_its_reason(heard):
    heard.test_result = {"outcome": "refused", "code": "401"}
    heard.save()

    (notice,) = notices.current()
    assert notice.level == "error"
    assert notice.text.startswith("Infobip refuses the key (401).")


def test_lacking_rights_are_named(heard):
    heard.test_result = {"outcome": "works", "lacking": ["whatsapp:manage", "numbers:manage"]}
    heard.save()

    (notice,) = notices.current()
    assert notice.text.startswith("It lacks whatsapp:manage, numbers:manage.")


def test_silent_webhook_is_said_after_a_while():
    account = ProviderAccountFactory(key_set_at=timezone.now())
    assert titles() == []

    account.key_set_at = timezone.now() - timedelta(minutes=20)
    account.save()

    assert titles() == ["The webhook was never called"]


def test_sender_outside_the_subscription_is_said(heard):
    heard.subscriptions = {"senders": {"SMS": ["385951006719"]}}
    heard.save()
    SenderFactory(number="385951006777")

    assert titles() == ["The webhook's subscription is out of date"]


@pytest.mark.parametrize(
    ("count", "title"),
    [
        (1, "1 request to the webhook was refused"),
        (12, "12 requests to the webhook were refused"),
    ],
)
def test_refused_requests_are_said_with_what_to_do(heard, count, title):
    WebhookRefusal.objects.create(
        day=timezone.now().date(), reason="signature-missing", count=count
    )

    (notice,) = notices.current()
    assert (notice.level, notice.title) == ("error", title)
    assert "signature missing. An address was entered at Infobip by hand" in notice.text


def test_refusals_of_long_ago_are_not_said(heard):
    past = timezone.now() - timedelta(hours=25)
    WebhookRefusal.objects.create(day=past.date(), reason="signature-wrong", count=3, last_at=past)

    assert titles() == []


@pytest.mark.parametrize(("minutes", "said"), [(59, 1), (61, 0)])
def test_refusals_are_over_when_others_arrive_and_none_is_repeated(heard, minutes, said):
    past = timezone.now() - timedelta(minutes=minutes)
    WebhookRefusal.objects.create(day=past.date(), reason="encoding", count=3, last_at=past)

    assert len(titles()) == said


def test_refusals_last_while_nothing_arrives(heard):
    past = timezone.now() - timedelta(hours=5)
    ProviderAccount.objects.update(heard_at=past - timedelta(minutes=1))
    WebhookRefusal.objects.create(day=past.date(), reason="encoding", count=3, last_at=past)

    assert titles() == ["3 requests to the webhook were refused"]


def test_other_sites_refusals_are_not_said(heard, globex):
    with tenant_context(globex):
        WebhookRefusal.objects.create(day=timezone.now().date(), reason="encoding", count=1)

    assert titles() == []


@pytest.mark.parametrize(
    ("channel", "state", "quality", "level", "says"),
    [
        ("sms", "not-in-account", "", "error", "The Infobip account does not list this number."),
        ("whatsapp", "not-in-account", "", "error", "The Infobip account has no such WhatsApp"),
        ("whatsapp", "banned", "high", "error", "WhatsApp says of this sender: Banned."),
        ("whatsapp", "connected", "low", "warning", "WhatsApp rates this sender's quality low"),
    ],
)
def test_sender_in_trouble_is_named(heard, channel, state, quality, level, says):
    sender = SenderFactory(channel=channel, provider_state=state, quality=quality)

    (notice,) = notices.current()
    assert (notice.level, notice.title) == (level, str(sender))
    assert notice.text.startswith(says)


def test_sender_that_is_switched_off_is_not_named(heard):
    SenderFactory(provider_state="banned", enabled=False)

    assert titles() == []


def test_overview_shows_them():
    MessageFactory()

    assert "No provider account is connected" in owners_client().get("/admin/").content.decode()


def test_key_that_a_test_finds_good_is_not_said_to_be_refused_any_more(heard):
    message = MessageFactory(direction="out")
    SendFactory(state="failed", failure="key-refused", channel="sms", message=message)
    assert titles() == ["The provider refuses the key for SMS"]

    heard.test_result, heard.tested_at = {"outcome": "works"}, timezone.now()
    heard.save()
    assert titles() == []


def test_webhook_that_was_just_subscribed_is_given_time_to_be_called():
    past = timezone.now() - timedelta(minutes=20)
    account = ProviderAccountFactory(key_set_at=past, subscribed_at=timezone.now())
    assert titles() == []

    account.subscribed_at = past
    account.save()
    assert titles() == ["The webhook was never called"]
