"""The console's request defaults."""

from datetime import timedelta

import pytest
from django.utils import timezone

from conversations.models import AuditEvent, OutboxEntry
from jira_bridge.models import RequestDefaults
from tests.consoles import superusers_client
from tests.factories import RequestDefaultsFactory

pytestmark = pytest.mark.django_db

LIST = "/admin/jira_bridge/requestdefaults/"
FORM = {
    "service_desk_id": "1",
    "request_type_id": "11",
    "summary_pattern": "{channel} request from {number}",
    "transcript": "off",
    "create_customers": "on",
}


def test_list_leads_to_the_form_that_makes_them():
    assert superusers_client().get(LIST)["Location"] == f"{LIST}add/"


def test_first_defaults_are_saved():
    response = superusers_client().post(f"{LIST}add/", FORM, follow=True)

    assert response.status_code == 200
    assert RequestDefaults.objects.current().request_type_id == "11"


def test_there_is_one_row_a_site():
    defaults = RequestDefaultsFactory()
    client = superusers_client()

    assert client.get(LIST)["Location"] == f"{LIST}{defaults.pk}/change/"
    assert client.post(f"{LIST}add/", FORM).status_code == 403
    assert client.post(f"{LIST}{defaults.pk}/delete/", {"post": "yes"}).status_code == 403


def test_change_is_recorded_with_before_and_after():
    defaults = RequestDefaultsFactory(request_type_id="10")

    superusers_client().post(f"{LIST}{defaults.pk}/change/", FORM)

    event = AuditEvent.objects.get()
    assert (event.action, event.subject_type) == ("settings.changed", "requestdefaults")
    assert event.detail["fields"] == {"request_type_id": {"before": "10", "after": "11"}}


def test_saving_what_was_saved_records_nothing():
    defaults = RequestDefaultsFactory(request_type_id="11")

    superusers_client().post(f"{LIST}{defaults.pk}/change/", FORM)

    assert AuditEvent.objects.exists() is False


def test_chosen_request_type_hastens_requests_that_wait_for_it():
    later = timezone.now() + timedelta(minutes=5)
    entry = OutboxEntry.objects.create(topic="request.open", group="g", run_after=later)

    superusers_client().post(f"{LIST}add/", FORM)

    entry.refresh_from_db()
    assert entry.run_after <= timezone.now()


def test_changed_request_type_opens_what_jira_refused_to_open_with_the_old_one():
    defaults = RequestDefaultsFactory(request_type_id="10")
    entry = OutboxEntry.objects.create(topic="request.open", group="g", state="dead")

    superusers_client().post(f"{LIST}{defaults.pk}/change/", FORM)

    entry.refresh_from_db()
    assert (entry.state, entry.run_after <= timezone.now()) == ("pending", True)
