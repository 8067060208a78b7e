"""The console's request defaults."""

from datetime import timedelta

import pytest
from django.utils import timezone

from conversations.models import AuditEvent, OutboxEntry
from tests.consoles import owners_client
from tests.factories import ConversationFactory, RequestDefaultsFactory
from tests.jira_bridge import desks
from tests.jira_bridge.choosing import FAULT, HOW, IDS, LIST, errors, page

pytestmark = pytest.mark.django_db

URGENCY = f"value_{desks.URGENCY.id}"


def test_list_leads_to_the_form_that_makes_them():
    assert owners_client().get(LIST)["Location"] == f"{LIST}add/"


def test_there_is_one_row_a_site():
    defaults = RequestDefaultsFactory()
    client = owners_client()

    assert client.get(LIST)["Location"] == f"{LIST}{defaults.pk}/change/"
    assert client.post(f"{LIST}add/", IDS).status_code == 403
    assert client.post(f"{LIST}{defaults.pk}/delete/", {"post": "yes"}).status_code == 403


def test_change_is_recorded_with_before_and_after(known_types):
    defaults = RequestDefaultsFactory(request_type_id="10")

    owners_client().post(page(defaults), {**FAULT, URGENCY: "10210"})

    event = AuditEvent.objects.get()
    assert (event.action, event.subject_type) == ("settings.changed", "requestdefaults")
    assert event.detail["fields"] == {
        "request_type": {"before": "1:10", "after": "1:11"},
        URGENCY: "changed",
    }


def test_changed_ids_are_recorded_too(acme):
    defaults = RequestDefaultsFactory(request_type_id="10")

    owners_client().post(page(defaults), IDS)

    assert AuditEvent.objects.get().detail["fields"] == {
        "request_type_id": {"before": "10", "after": "11"}
    }


def test_saving_what_was_saved_records_nothing(known_types, defaults):
    owners_client().post(page(defaults), {**HOW, "request_type": "1:10"})

    assert AuditEvent.objects.exists() is False


def test_chosen_request_type_hastens_requests_that_wait_for_it(known_types):
    later = timezone.now() + timedelta(minutes=5)
    entry = OutboxEntry.objects.create(topic="request.open", group="g", run_after=later)

    owners_client().post(f"{LIST}add/", {**HOW, "request_type": "1:10"})

    entry.refresh_from_db()
    assert entry.run_after <= timezone.now()


def test_changed_request_type_opens_what_jira_refused_to_open_with_the_old_one(
    known_types, defaults
):
    entry = OutboxEntry.objects.create(topic="request.open", group="g", state="dead")

    owners_client().post(page(defaults), {**HOW, "request_type": "2:20"})

    entry.refresh_from_db()
    assert (entry.state, entry.run_after <= timezone.now()) == ("pending", True)


@pytest.mark.parametrize(
    ("pattern", "refusal"),
    [
        ("", "This field is required."),
        ("One\nTwo", "A summary is one line."),
        (
            "{name}: {channel} {}",
            "OmniChat does not know {name}, {}. Use {channel} and {number}.",
        ),
        ("{number}" * 22, "With a number filled in, this is longer than 255 characters."),
        ("x" * 201, "Ensure this value has at most 200 characters (it has 201)."),
    ],
)
def test_summary_that_jira_would_not_take_is_refused(known_types, pattern, refusal):
    form = {**HOW, "request_type": "1:10", "summary_pattern": pattern}

    response = owners_client().post(f"{LIST}add/", form)

    assert errors(response) == {"summary_pattern": [refusal]}


def test_summary_is_explained_by_an_example(known_types):
    response = owners_client().get(f"{LIST}add/")

    assert "becomes “WhatsApp request from 385991903327”" in response.text


@pytest.mark.parametrize(("domain", "shown"), [("", False), ("customers.example", True)])
def test_making_customers_is_a_choice_where_there_is_a_mail_domain(
    known_types, settings, domain, shown
):
    settings.CUSTOMER_MAIL_DOMAIN = domain

    form = owners_client().get(f"{LIST}add/").context["adminform"].form

    assert ("create_customers" in form.fields) is shown


@pytest.mark.parametrize(("agreed", "promised"), [({"show_number_in_property": "on"}, 1), ({}, 0)])
def test_consent_to_show_numbers_reaches_open_requests(known_types, agreed, promised):
    defaults = RequestDefaultsFactory(request_type_id="10")
    ConversationFactory()

    owners_client().post(page(defaults), {**FAULT, URGENCY: "10210", **agreed})

    assert OutboxEntry.objects.filter(topic="request.annotate").count() == promised


def test_number_that_shall_not_be_seen_any_more_leaves_ended_requests_too(known_types):
    defaults = RequestDefaultsFactory(request_type_id="10", show_number_in_property=True)
    ConversationFactory(state="ended", end_reason="resolved")

    owners_client().post(page(defaults), {**FAULT, URGENCY: "10210"})

    assert OutboxEntry.objects.filter(topic="request.annotate").count() == 1
