"""Where requests go, what Jira would refuse there, and what a new request says."""

from threading import Event

import pytest
from django.db import transaction

from conversations import outbox
from conversations.errors import TemporaryFailure
from conversations.models import OutboxEntry
from jira_bridge import catalogue, targets
from jira_bridge.catalogue import Field, Kind
from jira_bridge.models import RequestDefaults, SenderRule
from tests.conversations.concurrency import PATIENCE_SECONDS, together
from tests.factories import RequestDefaultsFactory, SenderFactory
from tests.jira_bridge import desks

pytestmark = pytest.mark.django_db

BOXES = Field("b", "Boxes", required=True, kind=Kind.CHOICES, choices=(("1", "A"), ("2", "B")))
APPROVER = Field("customfield_1", "Approver", required=True, kind=Kind.OTHER)
URGENCY_ID = desks.URGENCY.id
CHOSEN = {URGENCY_ID: {"id": "10211"}}


@pytest.fixture
def fault(acme):
    """The defaults name a type that requires Urgency."""
    desks.keep_desks()
    desks.keep_fields("1", "11", desks.URGENCY)
    return RequestDefaultsFactory(request_type_id="11")


def test_customers_of_a_sender_with_a_rule_go_where_it_says(defaults):
    rule = SenderRule.objects.create(
        sender=SenderFactory(), service_desk_id="2", request_type_id="20"
    )

    assert targets.target_for(rule.sender, defaults) == rule


def test_customers_of_other_senders_go_where_the_defaults_say(defaults):
    SenderRule.objects.create(sender=SenderFactory(), service_desk_id="2", request_type_id="20")

    assert targets.target_for(SenderFactory(number="385951006720"), defaults) == defaults
    assert targets.target_for(None, defaults) == defaults


def test_without_defaults_a_request_waits(acme):
    with pytest.raises(TemporaryFailure, match="No default request type is chosen"):
        targets.target_for(SenderFactory(), RequestDefaults())


def test_new_request_has_the_stored_values_of_the_types_other_fields(fault):
    fault.field_values = CHOSEN

    assert targets.fields_of(fault, "SMS", "Hello") == {
        "summary": "SMS",
        "description": "Hello",
        URGENCY_ID: {"id": "10211"},
    }


def test_description_is_left_out_where_the_type_has_none(defaults):
    desks.keep_fields("1", "10", written=desks.WRITTEN_FIELDS[:1])

    assert targets.fields_of(defaults, "SMS", "Hello") == {"summary": "SMS"}


def test_value_of_a_field_that_the_type_lost_is_left_out(defaults):
    desks.keep_fields("1", "10")
    defaults.field_values = CHOSEN

    assert targets.fields_of(defaults, "SMS", "Hello").keys() == {"summary", "description"}


def test_everything_is_sent_while_the_fields_are_not_known(defaults):
    defaults.field_values = CHOSEN

    assert targets.fields_of(defaults, "SMS", "Hello").keys() == {
        "summary",
        "description",
        URGENCY_ID,
    }


def test_nothing_is_a_problem_before_jira_was_asked(defaults):
    assert targets.problem_of(defaults) == ""


def test_complete_target_has_no_problem(fault):
    fault.field_values = CHOSEN

    assert targets.problem_of(fault) == ""


def test_desk_that_is_gone(defaults):
    desks.keep_desks()
    defaults.service_desk_id = "9"

    assert targets.problem_of(defaults) == (
        "Service desk 9 no longer exists in Jira, or is closed to OmniChat. Choose another."
    )


def test_type_that_is_gone(defaults):
    desks.keep_desks(types=[("11", "Report a fault")])

    assert (
        targets.problem_of(defaults) == "Request type 10 no longer exists in Jira. Choose another."
    )


def test_type_that_the_app_may_not_create(defaults):
    desks.keep_desks(types=[("10", "Ask a question", False)])

    assert targets.problem_of(defaults) == (
        "Jira lets no requests be created as “Ask a question”. Choose another type."
    )


def test_type_without_a_summary(defaults):
    desks.keep_desks()
    desks.keep_fields("1", "10", written=desks.WRITTEN_FIELDS[1:])

    assert targets.problem_of(defaults) == (
        "“Ask a question” has no summary to fill in. Show it in Jira, or choose another type."
    )


def test_required_fields_without_a_value_are_named(fault):
    desks.keep_fields("1", "11", desks.URGENCY, BOXES)

    assert targets.problem_of(fault) == (
        "Enter a value for Urgency and Boxes, which “Report a fault” requires."
    )


def test_required_field_that_cannot_be_filled_in_is_named(fault):
    desks.keep_fields("1", "11", desks.URGENCY, APPROVER)

    assert targets.problem_of(fault) == (
        "OmniChat cannot fill in Approver of “Report a fault”. Choose another type."
    )


def test_value_that_is_valid_no_more_is_named(fault):
    fault.field_values = {URGENCY_ID: {"id": "10299"}}

    assert targets.problem_of(fault) == (
        "What is chosen for Urgency is no longer valid in Jira. Choose again."
    )


def test_problem_is_no_longer_than_its_column(fault):
    desks.keep_fields("1", "11", Field("f", "F" * 600, required=True, kind=Kind.TEXT))

    assert len(targets.problem_of(fault)) == 500


def test_check_is_promised_once_for_many_who_ask(acme):
    targets.ask_for_check()
    targets.ask_for_check()

    assert [entry.topic for entry in OutboxEntry.objects.all()] == ["request-types.check"]


def test_check_that_has_begun_does_not_count(acme):
    targets.ask_for_check()
    OutboxEntry.objects.update(claim="0e0f6d0c-4a52-4a4e-9d0e-1b1f6a3b7c55")

    targets.ask_for_check()

    assert OutboxEntry.objects.count() == 2


def test_check_reads_the_chosen_type_again_and_stores_the_problem(jira, installation, defaults):
    desks.answer_lists(jira)
    desks.answer_fields(jira, "1", "10", desks.field("place", name="Place"))
    targets.ask_for_check()

    outbox.drain()

    defaults.refresh_from_db()
    assert defaults.problem == "Enter a value for Place, which “Ask a question” requires."
    assert defaults.checked_at is not None
    assert [request.path.split("/")[-1].split("?")[0] for request in jira.requests] == [
        "servicedesk",
        "requesttype",
        "field",
    ]


def test_check_stores_the_problem_of_a_rule_with_the_rule(jira, installation, defaults):
    rule = SenderRule.objects.create(
        sender=SenderFactory(), service_desk_id="2", request_type_id="29"
    )
    desks.answer_lists(jira)
    desks.answer_fields(jira, "1", "10")

    targets.check_targets()

    rule.refresh_from_db()
    assert rule.problem == "Request type 29 no longer exists in Jira. Choose another."
    assert RequestDefaults.objects.get().problem == ""


def test_check_leaves_a_target_alone_that_was_chosen_meanwhile(
    jira, installation, defaults, monkeypatch
):
    monkeypatch.setattr(targets, "_read_again", lambda found: choose("11"))

    def choose(type_id):
        RequestDefaults.objects.update(request_type_id=type_id)

    targets.check_targets()

    assert RequestDefaults.objects.get().checked_at is None


def test_check_waits_while_jira_cannot_be_asked(acme, defaults):
    targets.ask_for_check()

    outbox.drain()

    assert OutboxEntry.objects.get().last_error == "Waits for a token from Jira."
    assert RequestDefaults.objects.get().checked_at is None


def test_refused_requests_are_tried_again_when_the_problem_is_gone(jira, installation, fault):
    RequestDefaults.objects.update(
        problem="Enter a value for Urgency, which “Report a fault” requires."
    )
    refused = OutboxEntry.objects.create(topic="request.open", group="g", state="dead")
    desks.answer_lists(jira)
    desks.answer_fields(jira, "1", "11")

    targets.check_targets()

    refused.refresh_from_db()
    assert refused.state == "pending"


def test_refused_requests_are_tried_again_when_other_fields_are_known(jira, installation, fault):
    RequestDefaults.objects.update(field_values=CHOSEN)
    refused = OutboxEntry.objects.create(topic="request.open", group="g", state="dead")
    desks.answer_lists(jira)
    desks.answer_fields(jira, "1", "11")

    targets.check_targets()

    refused.refresh_from_db()
    assert refused.state == "pending"


def test_refused_requests_stay_refused_while_nothing_has_changed(jira, installation, defaults):
    desks.answer_lists(jira)
    desks.answer_fields(jira, "1", "10")
    targets.check_targets()
    refused = OutboxEntry.objects.create(topic="request.open", group="g", state="dead")
    desks.answer_lists(jira)
    desks.answer_fields(jira, "1", "10")

    targets.check_targets()

    refused.refresh_from_db()
    assert refused.state == "dead"


def test_change_in_jira_forgets_the_lists_and_asks_for_a_check(acme):
    desks.keep_desks()

    targets.take_change_of_types()

    assert catalogue.kept_desks() is None
    assert OutboxEntry.objects.get().topic == "request-types.check"


def test_target_is_named_as_far_as_it_is_known(defaults):
    desks.keep_desks(types=[("11", "Report a fault")])

    assert targets.name_of(defaults) == "Support (SUP) / Request type 10"


@pytest.mark.django_db(transaction=True)
def test_check_that_was_asked_for_twice_begins_after_the_second_has_committed(acme):
    targets.ask_for_check()
    asked, drained = Event(), Event()

    def ask():
        with transaction.atomic():
            targets.ask_for_check()
            asked.set()
            assert drained.wait(PATIENCE_SECONDS)

    def drain():
        assert asked.wait(PATIENCE_SECONDS)
        tried = outbox.drain()
        drained.set()
        return tried

    assert together(ask, drain) == [None, 0]
    assert OutboxEntry.objects.get().attempts == 0
