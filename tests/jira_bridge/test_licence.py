"""The licence as Forge says it: kept, never downgraded by silence, and what ends without one."""

from datetime import timedelta

import pytest
from django.utils import timezone

from conversations import nudges, outbox
from conversations.contracts import Promise
from conversations.errors import TemporaryFailure
from conversations.models import OutboxEntry
from jira_bridge import licence
from jira_bridge.requests import open_request
from tenants.context import current_schema, enter_public, schema_context, tenant_context
from tenants.models import Site
from tests.conftest import SITES
from tests.factories import MessageFactory
from tests.jira_bridge import forge
from tests.jira_bridge.stories import actions, story

pytestmark = pytest.mark.django_db


@pytest.fixture
def says(call, settings):
    """Call with a licence, or with none; returns the site as it is then."""

    def send(active=None, *, environment="PRODUCTION", **more):
        said = forge.claims(settings)
        said["app"]["environment"] = {"type": environment}
        if active is not None:
            said["app"]["license"] = {"active": active, **more}
        assert call("tick", said).status_code == 204
        return Site.objects.get(slug="acme")

    return send


def without_licence_for(**ago):
    Site.objects.filter(slug="acme").update(
        licence_active=False, licence_inactive_since=timezone.now() - timedelta(**ago)
    )


def test_first_licence_is_no_news(says):
    site = says(active=True, type="COMMERCIAL")

    assert (site.licence_active, site.licence_inactive_since) == (True, None)
    assert site.licence == {"active": True, "type": "COMMERCIAL"}
    assert actions(SITES["acme"]) == ["installed"]


def test_licence_ends(says):
    says(active=True)
    site = says(active=False)

    assert site.licence_active is False
    assert timezone.now() - site.licence_inactive_since < timedelta(seconds=30)
    assert story(SITES["acme"])[1:] == [("licence changed", {"active": False})]


def test_licence_that_turns_rings_every_panel_of_its_site(says, monkeypatch):
    rung = []
    monkeypatch.setattr(nudges, "ring_site", lambda: rung.append(current_schema()))
    for active in (True, False, False, True):
        says(active=active)

    assert rung == ["site_acme"] * 2


def test_call_without_licence_changes_none(says):
    says(active=False)
    assert says().licence_active is False

    says(active=True)
    assert says().licence_active is True


def test_other_words_of_an_ended_licence_do_not_begin_it_anew(says):
    since = says(active=False).licence_inactive_since
    site = says(active=False, billingPeriod="MONTHLY")

    assert (site.licence_inactive_since, site.licence["billingPeriod"]) == (since, "MONTHLY")
    assert actions(SITES["acme"]).count("licence changed") == 1


@pytest.mark.parametrize("active", ["true", 1, []])
def test_licence_that_does_not_say_so_is_not_active(says, active):
    assert says(active=active).licence_active is False


@pytest.mark.parametrize(
    ("required", "environment", "active"),
    [
        (True, "PRODUCTION", False),
        (True, "STAGING", True),
        (True, "DEVELOPMENT", True),
        (False, "PRODUCTION", True),
    ],
)
def test_licence_that_was_never_said(says, settings, required, environment, active):
    settings.FORGE_ENVIRONMENTS = ["PRODUCTION", "STAGING", "DEVELOPMENT"]
    settings.LICENCE_REQUIRED = required

    assert says(environment=environment).licence_active is active


def test_renewed_licence_hastens_what_waited_for_it(says, acme):
    says(active=False)
    with tenant_context(acme):
        outbox.promise("request.open", group="g", subject=1, delay=timedelta(hours=1))

    says(active=True)

    with tenant_context(acme):
        waiting = OutboxEntry.objects.get(topic="request.open")
    assert waiting.run_after <= timezone.now()


def test_requests_are_opened_within_the_grace_period():
    without_licence_for(days=29)

    with schema_context("site_acme"):
        licence.require_for_new_request()


def test_requests_wait_when_grace_has_ended(settings):
    without_licence_for(days=31)

    with schema_context("site_acme"), pytest.raises(TemporaryFailure) as waits:
        licence.require_for_new_request()
    assert (str(waits.value), waits.value.retry_after) == ("Waits for a licence.", 3600)


def test_grace_is_a_setting(settings):
    settings.LICENCE_GRACE_DAYS = 32
    without_licence_for(days=31)

    with schema_context("site_acme"):
        licence.require_for_new_request()


def test_no_request_is_opened_after_grace(installation, defaults, jira):
    without_licence_for(days=31)
    message = MessageFactory(conversation__issue_id="", conversation__state="opening")
    promise = Promise(
        topic="request.open",
        subject=str(message.conversation_id),
        attempt=1,
        promised_at=timezone.now(),
        uncertain_since=None,
    )

    with (
        schema_context("site_acme"),
        pytest.raises(TemporaryFailure, match="Waits for a licence"),
    ):
        open_request(promise)
    assert jira.requests == []


def test_licence_of_one_site_is_not_the_others(says, globex):
    says(active=False)

    enter_public()
    assert Site.objects.get(slug="globex").licence_active is True
