"""The console's page of the licence."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.utils import timezone

from conversations.models import AgentProfile
from logins.roles import Role
from tenants.models import Site
from tests.consoles import client_of, owners_client

pytestmark = pytest.mark.django_db

PAGE = "/admin/licence/"
LICENCE = {
    "active": True,
    "type": "commercial",
    "billingPeriod": "ANNUAL",
    "capabilitySet": "capabilityStandard",
    "ccpEntitlementSlug": "E-ACME",
    "isEvaluation": False,
    "subscriptionEndDate": "2027-03-01T00:00:00.000Z",
    "trialEndDate": None,
}


def facts(**site):
    Site.objects.filter(slug="acme").update(**site)
    html = owners_client().get(PAGE).content.decode()
    found = re.findall(r"<dt>(.*?)</dt>\s*<dd>(.*?)</dd>", html, re.DOTALL)
    return {unescape(name): re.sub(r"<[^>]*>", "", value) for name, value in found}


def sentences(**site):
    Site.objects.filter(slug="acme").update(**site)
    return owners_client().get(PAGE).content.decode()


def test_page_says_what_jira_said():
    assert facts(licence=LICENCE) == {
        "State": "Active",
        "Plan": "Standard",
        "Type": "Commercial",
        "Paid": "Yearly",
        "Valid until": "1 Mar 2027, 00:00",
        "Entitlement": "E-ACME",
        "Agents in the last 30 days": "0",
    }


def test_trial_ends_with_the_trial():
    trial = LICENCE | {"isEvaluation": True, "trialEndDate": "2026-12-24T00:00:00.000Z"}

    found = facts(licence=trial)

    assert (found["State"], found["Valid until"]) == ("Trial", "24 Dec 2026, 00:00")


def test_words_and_times_that_are_new_to_us_do_no_harm():
    odd = {"active": True, "type": "GALACTIC", "subscriptionEndDate": "2027-13-45T99:99:99Z"}

    found = facts(licence=odd)

    assert found["Type"] == "galactic"
    assert "Valid until" not in found


def test_agents_count_who_were_there_lately():
    now = timezone.now()
    for name, days in (("ana", 1), ("ivan", 29), ("vera", 31)):
        AgentProfile.objects.create(
            account_id=name, name=name, updated_at=now - timedelta(days=days)
        )

    assert facts()["Agents in the last 30 days"] == "2"


def test_page_says_what_happens_when_a_licence_ends():
    html = sentences(licence=LICENCE)

    assert "When the licence ends, nothing more is sent" in html
    assert "Incoming messages still open requests for 30 days after that." in html


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (1, "Incoming messages still open requests until "),
        (31, "Incoming messages are kept, but open no requests since "),
    ],
)
def test_page_says_what_does_not_work_without_one(days, said):
    since = timezone.now() - timedelta(days=days)

    html = sentences(licence_active=False, licence_inactive_since=since)

    assert '<span class="console-lozenge error">✗ Not active</span>' in html
    assert "Nothing is sent since " in html
    assert said in html


def test_environment_without_licences_needs_none():
    assert facts(licence={})["State"] == "None needed"


@pytest.mark.parametrize("role", [Role.CONFIGURATOR, Role.AUDITOR])
def test_page_is_the_owners(role):
    client = client_of("mia", role)

    assert client.get(PAGE).status_code == 403
    assert PAGE not in client.get("/admin/").content.decode()
