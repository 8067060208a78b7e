"""The app on a Jira site: met by the first call, with the newest token, made once."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from kombu.exceptions import OperationalError

from conversations import outbox
from conversations.models import OutboxEntry
from jira_bridge.tasks import provision_sites
from jira_bridge.tokens import app_client
from tenants.context import tenant_context
from tenants.models import Installation, Site
from tests.jira_bridge import forge

pytestmark = pytest.mark.django_db


@pytest.fixture
def published(monkeypatch):
    calls = []
    monkeypatch.setattr(provision_sites, "apply_async", lambda **more: calls.append(more))
    return calls


@pytest.fixture
def tick(call):
    def send(ends_in, said=None):
        token = forge.system_token(ends_in=ends_in)
        call("tick", said, **{"x-forge-oauth-system": token})
        return token

    return send


def stored():
    return Installation.objects.get().system_token


def test_lifecycle_records_a_new_site_and_hastens_its_making(call, settings, published):
    response = call("lifecycle", forge.claims(settings, site="cloud-of-initech"))

    assert response.status_code == 204
    site = Site.objects.get(cloud_id="cloud-of-initech")
    assert (site.state, site.schema_name) == ("installing", "site_cloudofinitech")
    assert published == [{"retry": False}]


def test_lifecycle_of_an_active_site_makes_nothing(call, published):
    assert call("lifecycle").status_code == 204
    assert published == []


def test_broker_down_does_not_fail_the_installation(call, settings, monkeypatch):
    def refuse(**more):
        raise OperationalError("connection refused")

    monkeypatch.setattr(provision_sites, "apply_async", refuse)

    assert call("lifecycle", forge.claims(settings, site="cloud-of-initech")).status_code == 204
    assert Site.objects.filter(cloud_id="cloud-of-initech").exists()


def test_reinstallation_is_the_same_site(call, settings):
    again = forge.claims(settings)
    again["app"]["installationId"] = "ari:cloud:ecosystem::installation/second"
    call("tick")
    call("tick", again)

    assert list(Installation.objects.values_list("site__slug", flat=True)) == ["acme", "acme"]


def test_slug_of_another_site_is_not_taken(call, settings):
    said = forge.page_claims(settings, site="cloud-of-initech")

    call("ui/session", said)

    assert Site.objects.get(cloud_id="cloud-of-initech").slug == "site-cloudofinite"


def test_version_licence_and_address_are_kept_up_to_date(call, settings):
    call("tick")
    said = forge.claims(settings, api="https://api.atlassian.com/eu")
    said["app"] |= {"appVersion": "2.2.0", "license": {"active": False}}
    call("tick", said)

    installation = Installation.objects.get()
    assert (installation.app_version, installation.site.licence_active) == ("2.2.0", False)
    assert installation.api_base_url.startswith("https://api.atlassian.com/eu/ex/jira/")


def test_call_without_licence_changes_none(call, settings):
    said = forge.claims(settings)
    said["app"]["license"] = {"active": False}
    call("tick", said)
    call("tick")

    assert Installation.objects.get().site.licence_active is False


def test_token_is_kept_with_its_end(tick):
    token = tick(7200)

    installation = Installation.objects.get()
    assert installation.system_token == token
    left = installation.system_token_expires_at - timezone.now()
    assert timedelta(seconds=7190) < left <= timedelta(seconds=7200)


def test_later_token_replaces_and_earlier_does_not(tick):
    tick(3600)
    later = tick(7200)
    tick(1800)

    assert stored() == later


def test_token_is_encrypted_in_the_database(tick):
    token = tick(3600)

    with connection.cursor() as cursor:
        cursor.execute("SELECT system_token FROM public.tenants_installation")
        ((raw,),) = cursor.fetchall()
    assert raw.startswith("gAAAA")
    assert token not in raw
    assert not any(part in raw for part in token.split("."))


@pytest.mark.parametrize("token", ["", "garbage", "a.b.c", "e30.e30.e30"])
def test_what_is_no_token_is_not_kept(call, token):
    assert call("tick", **{"x-forge-oauth-system": token}).status_code == 204
    assert stored() == ""


def test_bearer_in_front_of_a_token_is_not_kept(call):
    token = forge.system_token(ends_in=3600)

    call("tick", **{"x-forge-oauth-system": f"Bearer {token}"})

    assert stored() == token


def test_first_token_hastens_what_waited_for_it(tick, acme):
    with tenant_context(acme):
        for topic in ("request.open", "request.annotate", "message.deliver"):
            outbox.promise(topic, group=topic, subject=1, delay=timedelta(minutes=5))

    tick(3600)

    with tenant_context(acme):
        due = OutboxEntry.objects.filter(run_after__lte=timezone.now())
        assert sorted(due.values_list("topic", flat=True)) == ["request.annotate", "request.open"]


def test_next_token_hastens_nothing(tick, acme):
    tick(3600)
    with tenant_context(acme):
        outbox.promise("request.open", group="g", subject=1, delay=timedelta(minutes=5))

    tick(7200)

    with tenant_context(acme):
        assert not OutboxEntry.objects.filter(run_after__lte=timezone.now()).exists()


def test_client_acts_with_the_newest_token(tick, acme, settings):
    second = forge.claims(settings)
    second["app"]["installationId"] = "ari:cloud:ecosystem::installation/second"
    tick(3600)
    newest = tick(7200, second)

    with tenant_context(acme):
        assert app_client().token == newest


def test_bye_drops_the_token(call, tick):
    tick(3600)

    response = call("bye", **{"x-forge-oauth-system": forge.system_token(ends_in=7200)})

    assert response.status_code == 204
    installation = Installation.objects.get()
    assert (installation.system_token, installation.system_token_expires_at) == ("", None)
