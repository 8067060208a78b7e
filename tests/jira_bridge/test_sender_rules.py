"""The console's rules by sender."""

import pytest

from conversations.models import AuditEvent, OutboxEntry
from jira_bridge.models import SenderRule
from tests.consoles import owners_client
from tests.factories import SenderFactory
from tests.jira_bridge.choosing import RULES

pytestmark = pytest.mark.django_db


def test_rule_sends_a_senders_customers_elsewhere(known_types):
    sender = SenderFactory()

    owners_client().post(f"{RULES}add/", {"sender": sender.pk, "request_type": "2:20"})

    rule = SenderRule.objects.get()
    assert (rule.sender, rule.service_desk_id, rule.request_type_id) == (sender, "2", "20")
    assert AuditEvent.objects.get().detail["fields"] == {
        "sender": {"before": None, "after": "385951006719 (SMS)"},
        "request_type": {"before": "", "after": "2:20"},
    }


def test_only_senders_without_a_rule_are_offered(known_types):
    SenderRule.objects.create(sender=SenderFactory(), service_desk_id="2", request_type_id="20")
    free = SenderFactory(number="385951006720")

    form = owners_client().get(f"{RULES}add/").context["adminform"].form

    assert list(form.fields["sender"].queryset) == [free]


def test_rule_stays_with_its_sender(known_types):
    rule = SenderRule.objects.create(
        sender=SenderFactory(), service_desk_id="2", request_type_id="20"
    )
    form = {"sender": SenderFactory(number="385951006720").pk, "request_type": "1:10"}

    owners_client().post(f"{RULES}{rule.pk}/change/", form)

    saved = SenderRule.objects.get()
    assert (saved.sender, saved.request_type_id) == (rule.sender, "10")


def test_rules_are_listed_with_names_and_problems(known_types):
    SenderRule.objects.create(
        sender=SenderFactory(), service_desk_id="2", request_type_id="20", problem="It is gone."
    )

    response = owners_client().get(RULES)

    assert "People (HR) / Take leave" in response.text
    assert "It is gone." in response.text


def test_deleted_rule_is_recorded_and_its_requests_go_by_the_defaults(known_types):
    rule = SenderRule.objects.create(
        sender=SenderFactory(), service_desk_id="2", request_type_id="20"
    )
    entry = OutboxEntry.objects.create(topic="request.open", group="g", state="dead")

    owners_client().post(f"{RULES}{rule.pk}/delete/", {"post": "yes"})

    entry.refresh_from_db()
    assert (SenderRule.objects.exists(), entry.state) == (False, "pending")
    assert AuditEvent.objects.get().detail["change"] == "deleted"


def test_no_rule_is_added_where_every_sender_has_one(known_types):
    SenderRule.objects.create(sender=SenderFactory(), service_desk_id="2", request_type_id="20")

    assert owners_client().get(f"{RULES}add/").status_code == 403
