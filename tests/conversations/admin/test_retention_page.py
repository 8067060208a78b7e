"""The console's page of retention: three periods, what would go, what is gone."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from conversations import audit
from conversations.models import AuditEvent, InboxEntry, RetentionSettings
from conversations.services import retention
from logins.roles import Role
from tests.consoles import client_of, owners_client

pytestmark = pytest.mark.django_db

PAGE = "/admin/conversations/retentionsettings/"
PERIODS = {"audit_days": "400", "conversation_days": "", "raw_days": "30"}


def test_periods_are_saved_and_recorded():
    response = owners_client().post(f"{PAGE}add/", PERIODS)

    assert response.status_code == 302
    assert RetentionSettings.objects.get().audit_days == 400
    changed = AuditEvent.objects.get(action="settings.changed").detail["fields"]
    assert changed["audit_days"] == {"before": 1095, "after": 400}


@pytest.mark.parametrize(
    ("period", "days"),
    [("audit_days", "89"), ("raw_days", "6"), ("conversation_days", "0"), ("audit_days", "99999")],
)
def test_period_that_is_too_short_or_long_is_refused(period, days):
    response = owners_client().post(f"{PAGE}add/", PERIODS | {period: days})

    assert response.status_code == 200
    assert period in response.context["adminform"].form.errors
    assert RetentionSettings.objects.exists() is False


def test_page_says_what_would_go_now():
    RetentionSettings.objects.create(pk=1, raw_days=30)
    InboxEntry.objects.create(
        source="infobip",
        dedupe_key="1",
        body=b"{}",
        state="done",
        received_at=timezone.now() - timedelta(days=31),
    )

    assert "1 entry that came in" in shown()


def test_page_says_that_nothing_would_go():
    assert "Nothing: all of it is younger" in shown()


@pytest.mark.django_db(transaction=True)
def test_page_says_what_was_removed_so_far():
    RetentionSettings.objects.create(pk=1, audit_days=100)
    with time_machine.travel(timezone.now() - timedelta(days=101)):
        audit.record("test.done", actor_kind=audit.Actor.SYSTEM)
        audit.seal()
    retention.visit()

    page = shown()

    assert "1 event of the audit log, the newest of" in page
    assert "Old events of the audit log removed" in page


def test_auditor_sees_it_and_changes_nothing():
    RetentionSettings.objects.create(pk=1)
    client = client_of("vera", Role.AUDITOR)

    assert client.get(f"{PAGE}1/change/").status_code == 200
    assert client.post(f"{PAGE}1/change/", PERIODS).status_code == 403


def shown():
    return owners_client().get(PAGE, follow=True).content.decode()
