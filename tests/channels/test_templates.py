"""Keeping templates as the provider has them: what is listed, what is gone, who asks for it."""

from datetime import timedelta
from functools import partial
from threading import Event

import pytest
from django.utils import timezone

from channels import tasks, templates
from channels.provider_account import template_provider
from conversations import outbox
from conversations.contracts import Channel, Promise
from conversations.errors import PermanentFailure, TemporaryFailure
from conversations.models import MessageTemplate, OutboxEntry
from conversations.services.template_lists import take_list, take_one
from tenants.context import schema_context
from tests.consoles import owners_client
from tests.conversations.concurrency import together
from tests.factories import MessageTemplateFactory, ProviderAccountFactory, SenderFactory

pytestmark = pytest.mark.django_db

LIST = "/whatsapp/2/senders/{}/templates"


@pytest.fixture
def sender(inside_acme):
    return SenderFactory(channel=Channel.WHATSAPP, number="385951006720")


def row(name="parcel_today", **changes):
    content = {"name": name, "language": "en", "status": "APPROVED", "id": "7"}
    return content | {"structure": {"body": {"text": "Hello {{1}}"}}} | changes


def lists(infobip, *rows, sender="385951006720"):
    infobip.answer(200, {"templates": list(rows)}, path=LIST.format(sender))


def sync():
    templates.sync(Promise(templates.TOPIC, "all", 1, timezone.now()))


def names():
    return list(MessageTemplate.objects.values_list("name", "language"))


def test_listed_templates_are_stored(infobip, account, sender):
    lists(infobip, row(category="UTILITY", quality="HIGH"))

    sync()

    found = MessageTemplate.objects.sendable().get()
    assert (found.sender, found.name, found.language) == (sender, "parcel_today", "en")
    assert (found.provider_id, found.category, found.quality) == ("7", "UTILITY", "HIGH")
    assert found.structure["body"] == "Hello {{1}}"
    assert found.raw["structure"] == {"body": {"text": "Hello {{1}}"}}


def test_languages_with_and_without_a_country_are_different(infobip, account, sender):
    lists(infobip, *[row(language=code) for code in ("en", "en_US", "en_GB")])

    sync()

    assert [code for _name, code in names()] == ["en", "en_GB", "en_US"]


def test_same_template_listed_twice_is_one(infobip, account, sender):
    lists(infobip, row(quality="LOW"), row(quality="HIGH"))

    sync()

    assert MessageTemplate.objects.get().quality == "HIGH"


def test_change_is_taken_and_our_tags_stay(infobip, account, sender):
    MessageTemplateFactory(sender=sender, tags=["parcels"])
    lists(infobip, row(status="FIRST_PAUSED"))

    sync()

    found = MessageTemplate.objects.get()
    assert (found.status, found.tags) == ("FIRST_PAUSED", ["parcels"])
    assert not MessageTemplate.objects.sendable().exists()


def test_template_that_is_listed_no_more_is_gone_and_keeps_its_tags(infobip, account, sender):
    MessageTemplateFactory(sender=sender, name="old", tags=["parcels"])
    lists(infobip, row())

    sync()

    old = MessageTemplate.objects.get(name="old")
    assert (old.gone_at is not None, old.tags) == (True, ["parcels"])


def test_template_that_is_listed_again_is_back(infobip, account, sender):
    MessageTemplateFactory(sender=sender, gone_at=timezone.now())
    lists(infobip, row())

    sync()

    assert MessageTemplate.objects.get().gone_at is None


def test_reason_that_an_event_told_outlives_lists_that_do_not(infobip, account, sender):
    MessageTemplateFactory(sender=sender, rejected_for="SCAM")
    MessageTemplateFactory(sender=sender, name="other")
    lists(infobip, row(status="REJECTED"), row("other", status="REJECTED", reason="ABUSE"))

    sync()

    reasons = MessageTemplate.objects.order_by("name").values_list("rejected_for", flat=True)
    assert list(reasons) == ["ABUSE", "SCAM"]


def test_list_with_an_unreadable_row_makes_nothing_gone(infobip, account, sender):
    MessageTemplateFactory(sender=sender, name="old")
    lists(infobip, row(), {"name": None})

    sync()

    assert MessageTemplate.objects.filter(gone_at=None).count() == 2


@pytest.mark.parametrize("status", [400, 404, 429, 500])
def test_failed_list_changes_nothing(infobip, account, sender, status):
    MessageTemplateFactory(sender=sender)
    infobip.answer(status)

    with pytest.raises((PermanentFailure, TemporaryFailure)):
        sync()
    assert MessageTemplate.objects.filter(gone_at=None).count() == 1


@pytest.mark.parametrize("status", [401, 403])
def test_trouble_of_the_key_is_left_to_the_keys_own_test(infobip, account, sender, status):
    MessageTemplateFactory(sender=sender)
    infobip.answer(status)

    sync()

    assert MessageTemplate.objects.filter(gone_at=None).count() == 1


def test_sender_that_cannot_be_listed_keeps_no_other_from_it(infobip, account, sender):
    SenderFactory(channel=Channel.WHATSAPP, number="385951006700")
    infobip.answer(400, path=LIST.format("385951006700"))
    lists(infobip, row())

    with pytest.raises(PermanentFailure):
        sync()
    assert names() == [("parcel_today", "en")]


def test_failure_that_may_pass_is_tried_again_before_one_that_will_not(infobip, account, sender):
    SenderFactory(channel=Channel.WHATSAPP, number="385951006700")
    infobip.answer(400, path=LIST.format("385951006700"))
    infobip.answer(429, path=LIST.format(sender.number))

    with pytest.raises(TemporaryFailure):
        sync()


def test_only_working_whatsapp_senders_are_asked_about(infobip, account):
    SenderFactory(channel=Channel.SMS)
    SenderFactory(channel=Channel.WHATSAPP, number="385951006700", enabled=False)

    sync()

    assert infobip.requests == []


def test_site_without_an_account_asks_nobody(infobip, sender):
    sync()

    assert infobip.requests == []


def test_other_site_keeps_its_own(infobip, account, sender, globex):
    lists(infobip, row())

    sync()

    with schema_context(globex.schema_name):
        assert not MessageTemplate.objects.exists()


def test_module_keeps_what_the_provider_promises():
    assert template_provider("whatsapp").__doc__.startswith("Infobip's templates")


def test_connected_sites_list_every_hour(account, sender):
    tasks.watch_providers()
    tasks.watch_providers()

    assert OutboxEntry.objects.filter(topic=templates.TOPIC).count() == 1


def test_sites_without_an_account_list_nothing(sender):
    tasks.watch_providers()

    assert not OutboxEntry.objects.exists()


def test_ten_events_are_one_sync(infobip, account, sender):
    for _event in range(10):
        templates.ask_for_sync()

    entry = OutboxEntry.objects.get()
    assert timedelta(0) < entry.run_after - timezone.now() <= templates.SETTLING


def test_event_does_not_wait_for_the_hourly_sync(sender):
    outbox.promise(templates.TOPIC, group="g", subject="all", delay=timedelta(minutes=30))

    templates.ask_for_sync()

    assert OutboxEntry.objects.get().run_after <= timezone.now()


def test_event_during_a_sync_is_followed_by_another(sender):
    templates.ask_for_sync()
    OutboxEntry.objects.update(claim="9f0b8f0e-3c0d-4a52-9a6a-6a8f3f1f7a11")

    templates.ask_for_sync()
    templates.ask_for_sync()

    assert OutboxEntry.objects.count() == 2


def test_promise_is_kept(infobip, account, sender):
    lists(infobip, row())
    templates.ask_for_sync(within=timedelta(0))

    outbox.drain()

    assert (OutboxEntry.objects.get().state, names()) == ("done", [("parcel_today", "en")])


def understood(*rows):
    return [template_provider("whatsapp").understood(each) for each in rows]


def test_older_list_does_not_undo_what_is_known_from_later(sender):
    now = timezone.now()
    listed = understood(row(status="APPROVED"), row("submitted meanwhile", status="PENDING"))
    take_list(sender, listed, asked_at=now, complete=True)
    older = understood(row(status="PENDING"))

    take_list(sender, older, asked_at=now - timedelta(seconds=9), complete=True)

    assert list(MessageTemplate.objects.values_list("name", "status", "gone_at")) == [
        ("parcel_today", "APPROVED", None),
        ("submitted meanwhile", "PENDING", None),
    ]


@pytest.mark.django_db(transaction=True)
def test_lists_at_once_store_each_template_once(inside_acme):
    sender = SenderFactory(channel=Channel.WHATSAPP, number="385951006720")
    listed = understood(*[row(f"t{number}") for number in range(500)])
    now = timezone.now()
    actions = [
        partial(take_list, sender, rows, asked_at=now, complete=True)
        for rows in (listed, listed[::-1], listed, listed[::-1])
    ]

    together(*actions)

    assert MessageTemplate.objects.filter(gone_at=None).count() == 500


def take_newer_list(sender, at):
    take_list(sender, understood(row()), asked_at=at, complete=True)


def take_submitted(sender, at):
    take_one(sender, *understood(row()), at=at)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("take_newer", [take_newer_list, take_submitted])
def test_older_list_that_is_being_stored_undoes_nothing(inside_acme, monkeypatch, take_newer):
    sender = SenderFactory(channel=Channel.WHATSAPP, number="385951006720")
    now, looked, stored = timezone.now(), Event(), Event()
    write = MessageTemplate.objects.bulk_create

    def write_late(rows, **options):
        rows = list(rows)
        if rows[0].status == "PENDING":
            looked.set()
            stored.wait(0.5)  # never set while the newer list waits for its turn
        return write(rows, **options)

    monkeypatch.setattr(MessageTemplate.objects, "bulk_create", write_late)

    def older():
        rows = understood(row(status="PENDING"))
        take_list(sender, rows, asked_at=now - timedelta(seconds=9), complete=True)

    def newer():
        looked.wait(10)
        take_newer(sender, now)
        stored.set()

    together(older, newer)

    assert MessageTemplate.objects.get().status == "APPROVED"


@pytest.mark.django_db(transaction=True)
def test_list_and_tags_at_once_both_stay(inside_acme, infobip):
    template = MessageTemplateFactory(status="PENDING")
    account = ProviderAccountFactory(base_url=infobip.url)
    lists(infobip, *[row()] * 10)
    client = owners_client()

    together(
        lambda: templates.sync_sender(account, template.sender),
        lambda: client.post(
            f"/admin/conversations/messagetemplate/{template.pk}/change/", {"tags": "parcels"}
        ),
    )

    template.refresh_from_db()
    assert (template.status, template.tags) == ("APPROVED", ["parcels"])
