"""Delivery states only move up the ladder, in whatever order reports come."""

from itertools import permutations

import pytest

from conversations import audit
from conversations.contracts import Channel, SendState
from conversations.errors import NotYetKnown, TemporaryFailure, UnknownOutcome
from conversations.failures import reason_of
from conversations.models import AuditEvent, Send, SendingSettings
from conversations.services import delivery
from tenants.context import schema_context
from tenants.models import Site
from tests.factories import DeliveryReportFactory, SenderFactory, SendFactory
from tests.figures import counted

pytestmark = pytest.mark.django_db

REPORTS = (SendState.SENT, SendState.FAILED, SendState.DELIVERED, SendState.READ)


def report(send, state):
    return delivery.take_report(DeliveryReportFactory(reference=str(send.pk), state=state))


@pytest.mark.parametrize("order", list(permutations(REPORTS)), ids="-".join)
def test_every_order_of_reports_ends_in_read(order):
    send = SendFactory(state=SendState.SENDING)

    for state in order:
        report(send, state)

    send.refresh_from_db()
    assert send.state == SendState.READ


def test_late_failure_does_not_undo_a_delivery():
    send = SendFactory(state=SendState.DELIVERED)

    assert report(send, SendState.FAILED) is False
    send.refresh_from_db()
    assert (send.state, send.error_code) == (SendState.DELIVERED, "")


def test_delivery_proves_a_failure_wrong():
    send = SendFactory(state=SendState.FAILED, error_code="27")

    assert report(send, SendState.DELIVERED) is True
    send.refresh_from_db()
    assert (send.state, send.error_code) == (SendState.DELIVERED, "")


def test_report_before_the_answer_of_the_send_stands():
    send = SendFactory(state=SendState.SENDING)
    report(send, SendState.DELIVERED)

    assert delivery.accept(send.pk) is False
    assert Send.objects.get().state == SendState.DELIVERED


def test_report_by_the_providers_own_id_is_found():
    send = SendFactory(state=SendState.SENDING)
    delivery.accept(send.pk, provider_id="infobip-77")

    assert delivery.take_report(DeliveryReportFactory(reference="infobip-77")) is True


@pytest.mark.parametrize(
    "reference", ["not-ours", "7f0d3c52-9f0e-4a51-8f0b-5d2f3f6e9a10", "x" * 900]
)
def test_report_of_an_unknown_message_is_not_known_yet(reference):
    with pytest.raises(NotYetKnown):
        delivery.take_report(DeliveryReportFactory(reference=reference))


def test_report_raises_the_version_that_panels_follow():
    send = SendFactory(state=SendState.SENT)
    before = send.message.conversation.version

    report(send, SendState.DELIVERED)

    send.message.refresh_from_db()
    assert send.message.version == before + 1


def test_state_is_counted_once_it_is_committed(django_capture_on_commit_callbacks):
    send = SendFactory(state=SendState.SENDING)
    labels = {"channel": send.channel, "state": "delivered"}
    before = counted("omnichat_sends_total", **labels)

    with django_capture_on_commit_callbacks() as committed:
        report(send, SendState.DELIVERED)
    assert counted("omnichat_sends_total", **labels) == before

    for callback in committed:
        callback()
    assert counted("omnichat_sends_total", **labels) == before + 1


def test_report_that_changes_nothing_is_not_recorded():
    send = SendFactory(state=SendState.DELIVERED)

    report(send, SendState.DELIVERED)

    assert not AuditEvent.objects.filter(action="message.delivered").exists()


def test_report_is_found_by_the_number_it_is_about():
    send = SendFactory(state="sent")

    report(send, SendState.DELIVERED)

    event = AuditEvent.objects.get(action="message.delivered")
    assert event.address_hash == audit.hash_of(send.address.value)


def test_message_shows_an_older_send_that_proved_delivered():
    first = SendFactory(state=SendState.DELIVERED)
    SendFactory(message=first.message, number=2, state=SendState.FAILED)

    assert first.message.status == SendState.DELIVERED


@pytest.mark.parametrize(
    ("reason", "failure"), [("resolved", "conversation-ended"), ("opted out", "opted-out")]
)
def test_begin_refuses_when_the_conversation_has_ended_meanwhile(reason, failure):
    send = SendFactory(
        message__conversation__state="ended", message__conversation__end_reason=reason
    )

    assert delivery.begin(send.pk) is None
    send.refresh_from_db()
    assert (send.state, send.failure) == (SendState.FAILED, failure)


def test_begin_gives_the_same_message_id_on_every_try():
    send = SendFactory()

    assert delivery.begin(send.pk) == delivery.begin(send.pk)
    assert delivery.begin(send.pk).message_id == str(send.pk)


def test_begin_leaves_a_settled_send_alone():
    assert delivery.begin(SendFactory(state=SendState.SENT).pk) is None


def test_message_does_not_leave_after_the_licence_has_ended():
    Site.objects.filter(slug="acme").update(licence_active=False)
    send = SendFactory()

    with schema_context("site_acme"):
        assert delivery.begin(send.pk) is None
    send.refresh_from_db()
    assert (send.state, send.failure) == (SendState.FAILED, "unlicensed")
    assert "licence" in reason_of(send.failure)


def test_message_that_may_have_left_stays_uncertain_while_the_site_sleeps():
    Site.objects.filter(slug="acme").update(state=Site.State.UNINSTALLED)
    send = SendFactory(state=SendState.SENDING)

    with schema_context("site_acme"), pytest.raises(UnknownOutcome):
        delivery.begin(send.pk, may_have_left=True)


@pytest.mark.parametrize("state", [Site.State.UNINSTALLED, Site.State.SUSPENDED])
def test_message_of_a_site_that_sleeps_waits(state):
    Site.objects.filter(slug="acme").update(state=state)
    send = SendFactory()

    with schema_context("site_acme"), pytest.raises(TemporaryFailure):
        delivery.begin(send.pk)
    send.refresh_from_db()
    assert send.state == SendState.QUEUED


@pytest.mark.parametrize(("on", "enabled", "goes"), [(1, 1, True), (0, 1, False), (1, 0, False)])
def test_sms_in_a_templates_place_goes_only_where_it_could_now(on, enabled, goes):
    SendingSettings.objects.create(sms_fallback=bool(on))
    sender = SenderFactory(enabled=bool(enabled))
    fallback = {"sender": sender.number, "text": "Hi"}
    send = SendFactory(
        message__channel=Channel.WHATSAPP,
        message__sender__number="385951006720",
        message__content={"name": "hello", "sms_fallback": fallback},
    )

    assert ("sms_fallback" in delivery.begin(send.pk).content) is goes
