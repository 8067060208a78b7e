"""The console's rules by sender."""

import pytest

from conversations.models import AuditEvent, OutboxEntry
from jira_bridge.models import SenderRule
from logins.roles import Role
from tests.consoles import client_of, owners_client
from tests.factories import SenderFactory
from tests.jira_bridge.choosing import RULES, page

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


def test_rules_are_shown_with_the_defaults_and_with_their_sender(known_types, defaults):
    rule = SenderRule.objects.create(
        sender=SenderFactory(), service_desk_id="2", request_type_id="20"
    )
    sender_page = f"/admin/conversations/sender/{rule.sender_id}/change/"
    link = f'href="{RULES}{rule.pk}/change/"'

    for address in (page(defaults), sender_page):
        shown = owners_client().get(address).text
        assert ("People (HR) / Take leave" in shown, link in shown) == (True, True)


def test_senders_list_says_where_their_requests_go(known_types, defaults):
    ruled = SenderFactory()
    SenderFactory(number="385951006720")
    SenderRule.objects.create(sender=ruled, service_desk_id="2", request_type_id="20")

    shown = owners_client().get("/admin/conversations/sender/").text

    assert "People (HR) / Take leave" in shown
    assert "Support (SUP) / Ask a question (default)" in shown


def test_rule_is_added_from_its_sender(known_types, defaults):
    sender = SenderFactory()

    shown = owners_client().get(f"/admin/conversations/sender/{sender.pk}/change/").text
    form = owners_client().get(f"{RULES}add/?sender={sender.pk}").text

    assert f'href="{RULES}add/?sender={sender.pk}"' in shown
    assert f'<option value="{sender.pk}" selected>' in form


def test_saved_rule_leads_back_to_the_defaults(known_types, defaults):
    form = {"sender": SenderFactory().pk, "request_type": "2:20"}

    response = owners_client().post(f"{RULES}add/", form)

    assert response["Location"] == "/admin/jira_bridge/requestdefaults/"


def test_rules_have_no_entry_of_their_own_in_the_navigation():
    assert f'href="{RULES}"' not in owners_client().get("/admin/").text


def test_auditor_finds_no_button_among_the_rules(known_types, defaults):
    SenderFactory()

    shown = client_of("vera", Role.AUDITOR).get(page(defaults)).text

    assert ("Add rule" in shown, "Reload" in shown) == (False, False)
