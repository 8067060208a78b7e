"""What the console's overview says about Jira: each trouble in words, and silence without one."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from conversations import outbox
from conversations.admin.notices import Notice, notices
from conversations.models import OutboxEntry
from conversations.moments import written
from jira_bridge import budget
from jira_bridge.models import RequestDefaults, SenderRule
from tenants.models import Installation, Site
from tests.consoles import owners_client
from tests.factories import ConversationFactory, SenderFactory

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 20, 12, 5, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _all_is_well(installation, defaults, settings):
    """The app is connected and the request type chosen; what others have to say is not asked."""
    settings.CONSOLE_NOTICES = ["jira_bridge.notices.current"]


def site(**changes):
    Site.objects.filter(slug="acme").update(**changes)


def test_overview_reads_no_token():
    with connection.cursor() as cursor:
        cursor.execute("UPDATE public.tenants_installation SET system_token = 'of a lost key'")

    assert notices() == []


def only():
    (notice,) = notices()
    return notice


def wait_for_request(*, minutes, **changes):
    outbox.promise("request.open", group="g", subject=1)
    ago = timezone.now() - timedelta(minutes=minutes)
    OutboxEntry.objects.update(created_at=ago, **changes)


def test_nothing_to_say():
    assert notices() == []
    assert "console-notice" not in owners_client().get("/admin/").content.decode()


def test_disconnected():
    site(disconnected_since=NOON)

    assert only().level == "error"
    assert only().title == "Jira is disconnected"
    assert "heard from Jira since 20 Nov 2026, 12:05" in only().text


def test_no_token():
    Installation.objects.update(system_token="", system_token_expires_at=NOON)

    assert (only().level, only().title) == ("warning", "Waits for a token from Jira")
    assert only().text.startswith("Since 20 Nov 2026, 12:05.")


def test_token_of_a_removed_installation_is_not_waited_for(installation):
    Installation.objects.update(removed_at=NOON, system_token="")

    assert notices() == []


def test_limit_of_all_sites():
    until = budget.hold_everyone(600).until

    assert only().title == f"Jira's limit is reached until {written(until)}"


def test_limit_of_this_site(installation):
    until = budget.hold_site(installation, 600).until

    assert only().title == f"Jira's limit is reached until {written(until)}"


def test_limit_that_is_over(installation):
    budget.hold_site(installation, -1)

    assert notices() == []


def test_licence_within_grace():
    since = timezone.now() - timedelta(days=3)
    site(licence_active=False, licence_inactive_since=since)

    assert (only().level, only().title) == ("error", "The licence is not active")
    assert "nothing is sent. Incoming messages still open requests until" in only().text


def test_licence_after_grace():
    site(licence_active=False, licence_inactive_since=NOON - timedelta(days=365))

    assert "Incoming messages are kept, but open no requests since" in only().text


def test_no_request_type():
    RequestDefaults.objects.all().delete()

    assert only() == Notice(
        "error",
        "No request type is chosen",
        "Customers' messages are kept, but open no requests.",
        "/admin/jira_bridge/requestdefaults/",
        is_step=True,
    )


def test_request_type_that_does_not_work():
    RequestDefaults.objects.update(problem="Jira requires the field Office.")

    assert only().text == "Jira requires the field Office."
    assert only().url == "/admin/jira_bridge/requestdefaults/"


def test_sender_rule_that_does_not_work():
    rule = SenderRule.objects.create(
        sender=SenderFactory(), service_desk_id="1", request_type_id="2", problem="It is gone."
    )

    assert (only().text, only().url) == (
        "It is gone.",
        f"/admin/jira_bridge/senderrule/{rule.pk}/change/",
    )
    assert owners_client().get(only().url).status_code == 200


def test_customers_that_cannot_be_made():
    RequestDefaults.objects.update(customers_refused_at=NOON)

    assert only().level == "warning"
    assert "Since 20 Nov 2026, 12:05 the app itself is the reporter" in only().text


def test_request_that_waits():
    wait_for_request(minutes=6, last_error="Waits for a token from Jira.")

    assert (only().level, only().title) == ("error", "1 request is not opened yet")
    assert only().text.endswith("Waits for a token from Jira.")
    assert owners_client().get(only().url).status_code == 200


def test_request_that_waits_for_a_moment_is_nothing():
    wait_for_request(minutes=4)

    assert notices() == []


def test_dead_request_is_told_at_once():
    wait_for_request(minutes=0, state="dead", last_error="Jira says: no.")

    assert only().title == "1 request is not opened yet"


def test_request_that_is_open_is_nothing():
    wait_for_request(minutes=60, state="done")

    assert notices() == []


def test_hidden_requests_are_named_up_to_five():
    for number in range(7):
        ConversationFactory(issue_key=f"SUP-{number}", issue_hidden_since=NOON)

    assert only().title == "Jira hides 7 requests"
    assert only().text.startswith("SUP-6, SUP-5, SUP-4, SUP-3, SUP-2 and 2 more: ")


def test_errors_come_first():
    ConversationFactory(issue_hidden_since=NOON)
    site(disconnected_since=NOON)

    assert [notice.level for notice in notices()] == ["error", "warning"]


def test_overview_shows_them_escaped():
    RequestDefaults.objects.update(problem="<b>Office</b>")

    page = owners_client().get("/admin/").content.decode()

    assert '<section class="console-notices"' in page
    assert "&lt;b&gt;Office&lt;/b&gt;" in page


def test_other_things_that_jira_refused():
    for topic in ("request.attach", "request.reporter", "message.deliver"):
        refused = "Jira says: the field cannot be set."
        OutboxEntry.objects.create(
            topic=topic, group="1", subject="1", state="dead", last_error=refused
        )

    assert (only().level, only().title) == ("warning", "Jira refused 2 changes")
    assert only().text.endswith("The last: Jira says: the field cannot be set.")
    assert owners_client().get(only().url).status_code == 200
