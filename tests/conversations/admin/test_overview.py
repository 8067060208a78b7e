"""The Overview: what is left to do, a week of messages, health, what waits."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from channels.models import ProviderAccount, WayTest
from conversations.models import (
    AutoReplySettings,
    AutoReplyText,
    InboxEntry,
    Message,
    OutboxEntry,
    Send,
    Sender,
)
from jira_bridge.models import RequestDefaults
from logins.roles import Role
from tests.consoles import client_of, owners_client
from tests.factories import (
    MessageFactory,
    ProviderAccountFactory,
    RequestDefaultsFactory,
    SenderFactory,
    SendFactory,
)

pytestmark = pytest.mark.django_db


def overview(client=None):
    return (client or owners_client()).get("/admin/")


def done():
    steps = overview().context["checklist"].steps
    return [shown.step.title for shown in steps if shown.step.done]


def figures():
    found = overview().context["figures"]
    return {figure.name: " ".join([figure.value, figure.share]).strip() for figure in found}


def piles(client=None):
    found = overview(client).context["piles"]
    return {pile.name: (pile.count, pile.url) for pile in found}


def health():
    found = overview().context["health"]
    return {shown.health.name: (shown.health.state, shown.cure) for shown in found}


def way_to(title):
    steps = overview().context["checklist"].steps
    return next(shown.step.url for shown in steps if shown.step.title == title)


def set_everything_up():
    sender = SenderFactory()
    ProviderAccountFactory(test_result={"outcome": "works"}, tested_at=timezone.now())
    RequestDefaultsFactory()
    AutoReplySettings.objects.create(enabled=False)
    WayTest.objects.create(sender=sender, address="385991", delivered_at=timezone.now())


def old(row, **ago):
    """Let a row have been made some time ago."""
    type(row).objects.filter(pk=row.pk).update(created_at=timezone.now() - timedelta(**ago))


def test_empty_site_has_everything_to_do():
    html = overview().content.decode()

    assert "Finish setting up (0 of 5)" in html
    assert re.findall(r'<a class="button" href="([^"]*)">([^<]*)</a>', html)[:5] == [
        ("/admin/channels/provideraccount/", "Connect account"),
        ("/admin/conversations/sender/add/", "Add sender"),
        ("/admin/jira_bridge/requestdefaults/", "Choose request type"),
        ("/admin/conversations/autoreplysettings/", "Set auto-reply"),
        ("/admin/channels/provideraccount/test-message/", "Send test"),
    ]


def test_new_site_is_not_told_twice_what_is_to_be_done():
    assert overview().context["notices"] == []


def test_site_that_talks_is_told_what_is_missing():
    MessageFactory()

    titles = {notice.title for notice in overview().context["notices"]}
    assert titles == {"No provider account is connected", "No request type is chosen"}


def test_steps_tick_themselves():
    set_everything_up()

    html = overview().content.decode()

    assert "Finish setting up" not in html
    assert "Everything is set up. Customers who write to your senders open requests" in html


def test_sender_is_chosen_where_the_account_has_told_its_numbers():
    account = ProviderAccountFactory()
    assert way_to("Add a sender") == "/admin/conversations/sender/add/"

    account.test_result = {"outcome": "works", "senders": [{"number": "385951006720"}]}
    account.save()
    assert way_to("Add a sender") == "/admin/channels/provideraccount/#found-title"


def test_key_that_was_not_tested_connects_nothing():
    account = ProviderAccountFactory()
    assert done() == []

    ProviderAccount.objects.filter(pk=account.pk).update(test_result={"outcome": "works"})
    assert done() == ["Connect the provider account"]


def test_request_type_that_has_gone_is_to_be_chosen_again():
    defaults = RequestDefaultsFactory()
    assert done() == ["Choose default project and request type"]

    RequestDefaults.objects.filter(pk=defaults.pk).update(problem="No longer exists in Jira.")
    assert done() == []


def test_auto_reply_that_is_on_needs_a_text():
    reply = AutoReplySettings.objects.create(enabled=True)
    assert done() == []

    AutoReplyText.objects.create(settings=reply, occasion="greeting", channel="sms", language="en")
    assert done() == ["Set the auto-reply, or leave it off"]


def test_sender_that_is_switched_off_is_none():
    Sender.objects.create(channel="sms", number="385951006719", enabled=False)

    assert done() == []


@pytest.mark.parametrize(
    ("role", "buttons"),
    [
        (Role.AUDITOR, []),
        (Role.CONFIGURATOR, ["Add sender", "Choose request type", "Set auto-reply"]),
    ],
)
def test_step_that_a_role_may_not_do_has_no_button(role, buttons):
    steps = overview(client_of("mia", role)).context["checklist"].steps

    assert len(steps) == 5
    assert [shown.step.button for shown in steps if shown.offered] == buttons


def test_week_counts_what_came_went_and_failed():
    MessageFactory()
    for state in ("delivered", "sent", "failed", "read"):
        SendFactory(state=state, message=MessageFactory(direction="out"))

    assert figures() == {
        "Messages in": "1",
        "Messages out": "4",
        "Failed": "1 25%",
        "Waiting now": "0",
    }


def test_what_is_older_than_a_week_does_not_count():
    message = MessageFactory(direction="out")
    old(SendFactory(state="failed", message=message), days=8)
    old(message, days=8)

    assert figures()["Messages out"] == figures()["Failed"] == "0"


def test_chart_has_a_day_for_each_of_the_week():
    MessageFactory()
    old(MessageFactory(direction="out"), days=2)

    chart = overview().context["chart"]

    assert [list(series.values) for series in chart.data.series] == [
        [0, 0, 0, 0, 0, 0, 1],
        [0, 0, 0, 0, 1, 0, 0],
    ]


def test_what_waits_and_what_failed_is_counted_with_away_to_it():
    InboxEntry.objects.create(source="infobip", dedupe_key="1", body=b"", state="quarantined")
    OutboxEntry.objects.create(topic="message.deliver", group="1", subject="1", state="dead")
    OutboxEntry.objects.create(topic="message.deliver", group="2", subject="2")
    later = timezone.now() + timedelta(hours=1)
    OutboxEntry.objects.create(topic="senders.check", group="3", subject="", run_after=later)

    assert piles() == {
        "Quarantine": (1, "/admin/conversations/inboxentry/?state__exact=quarantined"),
        "To be sent, or told to Jira": (
            1,
            "/admin/conversations/outboxentry/?state__exact=pending",
        ),
        "Given up": (1, "/admin/conversations/outboxentry/?state__exact=dead"),
    }
    assert figures()["Waiting now"] == "1"


def test_pages_that_a_role_may_not_see_are_not_linked():
    InboxEntry.objects.create(source="infobip", dedupe_key="1", body=b"", state="quarantined")

    assert piles(client_of("mia", Role.CONFIGURATOR)) == {"Quarantine": (1, "")}


def test_health_leads_to_the_cure():
    Sender.objects.create(
        channel="whatsapp", number="385951006720", provider_state=Sender.NOT_IN_ACCOUNT
    )

    found = health()

    assert found["Provider"] == ("bad", "/admin/channels/provideraccount/")
    assert found["Webhook"] == ("bad", "/admin/channels/provideraccount/")
    sender = Sender.objects.get()
    assert found[str(sender)] == ("bad", f"/admin/conversations/sender/{sender.pk}/change/")


def set_up_and_heard(acme):
    now = timezone.now()
    ProviderAccountFactory(test_result={"outcome": "works"}, tested_at=now, heard_at=now)
    acme.installations.create(
        installation_id="one", api_base_url="", system_token_expires_at=now + timedelta(hours=1)
    )
    return SenderFactory(heard_at=now)


def headings():
    return re.findall(r'<h2 id="(\w+)-title">', overview().content.decode())


def test_week_comes_before_health_that_is_well(acme):
    set_up_and_heard(acme)

    assert headings()[-3:] == ["week", "health", "piles"]


def test_what_does_not_work_comes_before_the_week_and_first_of_all(acme):
    set_up_and_heard(acme)
    acme.disconnected_since = timezone.now()
    acme.save()

    assert headings()[-3:] == ["health", "piles", "week"]
    assert next(iter(health())) == "Jira"


def test_refused_send_is_the_provider_s_trouble():
    ProviderAccountFactory(
        test_result={"outcome": "works"}, tested_at=timezone.now() - timedelta(hours=1)
    )
    SendFactory(state="failed", failure="key-refused", message=MessageFactory(direction="out"))

    assert health()["Provider"] == ("bad", "/admin/channels/provideraccount/")


def test_webhook_that_was_just_subscribed_is_not_known_to_fail():
    ProviderAccountFactory(subscribed_at=timezone.now())

    assert health()["Webhook"] == ("unknown", "/admin/channels/provideraccount/test-message/")


def test_failed_messages_are_a_click_away():
    SendFactory(state="failed", message=MessageFactory(direction="out"))

    assert '<a href="/admin/conversations/conversation/?failed=only">Failed</a>' in (
        overview().content.decode()
    )
    assert "?failed=only" not in overview(client_of("mia", Role.CONFIGURATOR)).content.decode()


def test_what_works_needs_no_cure(acme):
    sender = set_up_and_heard(acme)

    assert health() == {
        "Provider": ("good", ""),
        "Webhook": ("good", ""),
        str(sender): ("good", ""),
        "Jira": ("good", ""),
        "Background work": ("unknown", ""),
    }


def test_overview_asks_as_often_for_many_rows_as_for_few():
    set_everything_up()
    client = owners_client()
    overview(client)

    with CaptureQueriesContext(
        connection,
    ) as few:
        overview(client)
    for number in range(20):
        SendFactory(message=MessageFactory(direction="out"))
        Sender.objects.create(channel="sms", number=f"38595200{number:04d}")
        OutboxEntry.objects.create(topic="message.deliver", group=str(number), subject="1")
    with CaptureQueriesContext(connection) as many:
        overview(client)

    assert (Message.objects.count(), Send.objects.count()) == (20, 20)
    assert len(many) == len(few)
