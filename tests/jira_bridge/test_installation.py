"""The app on a Jira site: met by the first call, with the newest token, made once."""

from datetime import timedelta
from threading import Event
from time import monotonic

import pytest
from celery import current_app
from django.db import connection
from django.utils import timezone

from conversations import nudges, outbox
from conversations.coalescing import Coalescer
from conversations.errors import TemporaryFailure
from conversations.models import OutboxEntry
from jira_bridge import tokens
from jira_bridge.tokens import app_client
from tenants.context import public_context, tenant_context
from tenants.directory import site_by_host
from tenants.models import Installation, Site
from tenants.provisioning import provision
from tests.conftest import SITES
from tests.jira_bridge import forge
from tests.jira_bridge.stories import story

pytestmark = pytest.mark.django_db

INITECH = "cloud-of-initech"


@pytest.fixture
def broker_that_hangs(monkeypatch):
    """A broker that takes the connection and says nothing; set when it was asked."""
    asked, over = Event(), Event()

    def hang(*arguments, **named):
        asked.set()
        over.wait(10)

    monkeypatch.setattr(current_app, "send_task", hang)
    monkeypatch.setattr(nudges, "_wakes", Coalescer(nudges._publish))
    yield asked
    over.set()


@pytest.fixture
def tick(call):
    def send(ends_in, said=None):
        token = forge.system_token(ends_in=ends_in)
        call("tick", said, **{"x-forge-oauth-system": token})
        return token

    return send


def stored():
    return Installation.objects.get().system_token


@pytest.mark.parametrize("route", ["lifecycle", "tick", "events", "ui/session"])
def test_first_call_of_any_kind_makes_the_site_in_a_worker(call, settings, woken, route):
    said = forge.page_claims if route == "ui/session" else forge.claims

    call(route, said(settings, site=INITECH))

    site = Site.objects.get(cloud_id=INITECH)
    assert (site.state, site.schema_name) == ("installing", "site_cloudofinitech")
    assert woken == [("jira_bridge.tasks.provision_site", "site_cloudofinitech")]
    assert story(INITECH) == [
        (
            "installed",
            {
                "installation": forge.INSTALLATION_ID,
                "version": "2.1.0",
                "environment": "PRODUCTION",
            },
        )
    ]


def test_call_of_an_active_site_makes_nothing(call, woken):
    assert call("lifecycle").status_code == 204
    assert woken == []


def test_broker_that_hangs_does_not_keep_the_answer_waiting(
    keys, settings, client, monkeypatch, broker_that_hangs
):
    """A worker finds the site by itself: beat has it look every 15 seconds."""
    started = monotonic()

    said = forge.sign(forge.claims(settings, site=INITECH))
    response = client.post("/forge/v1/lifecycle", headers={"Authorization": f"Bearer {said}"})

    assert response.status_code == 204
    assert monotonic() - started < 1
    assert broker_that_hangs.wait(10)


def test_event_of_a_site_that_is_being_made_comes_again(call, settings, woken):
    body = forge.body("event_resolved")
    call("lifecycle", forge.claims(settings, site=INITECH))

    response = call("events", forge.claims(settings, site=INITECH), body=body)

    assert response.status_code == 503
    assert response.json() == {"detail": "The site is being set up. Try again."}
    assert len(woken) == 2


def test_slug_of_another_site_is_not_taken(call, settings):
    call("ui/session", forge.page_claims(settings, site=INITECH))

    assert Site.objects.get(cloud_id=INITECH).slug == "site-cloudofinite"


@pytest.mark.parametrize("name", ["www", "api", "app", "-", "localhost"])
def test_reserved_slug_is_not_taken(call, settings, name):
    settings.SITE_BASE_HOST = "omnichat.example"
    settings.MACHINES_HOSTS = ["testserver", "app.omnichat.example"]
    said = forge.page_claims(settings, site=INITECH)
    said["context"]["siteUrl"] = f"https://{name}.atlassian.example"

    call("ui/session", said)

    assert Site.objects.get(cloud_id=INITECH).slug == "site-cloudofinite"


def test_wished_slug(call, settings):
    said = forge.page_claims(settings, site=INITECH)
    said["context"]["siteUrl"] = "https://initech.atlassian.example"

    call("ui/session", said)

    site = Site.objects.get(cloud_id=INITECH)
    assert (site.slug, site.url) == ("initech", "https://initech.atlassian.example")


def test_first_page_names_the_console_of_a_site_that_an_event_brought(call, settings):
    call("lifecycle", forge.claims(settings, site=INITECH))
    provision(Site.objects.get(cloud_id=INITECH))
    before = Site.objects.get(cloud_id=INITECH)
    said = forge.page_claims(settings, site=INITECH)
    said["context"]["siteUrl"] = "https://initech.atlassian.example"

    call("ui/session", said)

    site = Site.objects.get(cloud_id=INITECH)
    assert (before.slug, site.slug) == ("site-cloudofinite", "initech")
    assert site_by_host("initech.localhost") == site_by_host("site-cloudofinite.localhost") == site


def test_console_keeps_its_makeshift_name_where_the_other_is_taken(call, settings):
    call("lifecycle", forge.claims(settings, site=INITECH))

    call("ui/session", forge.page_claims(settings, site=INITECH))

    assert Site.objects.get(cloud_id=INITECH).slug == "site-cloudofinite"


def test_slug_and_its_stand_in_taken(call, settings):
    with public_context():
        Site.objects.create(
            slug="site-cloudofinite", cloud_id="c", url="https://x.example", schema_name="site_c"
        )

    call("tick", forge.claims(settings, site=INITECH))

    assert Site.objects.get(cloud_id=INITECH).slug.startswith("site-cloudofinite-")


def test_region_is_that_of_the_host_that_was_called(call, settings):
    settings.REGIONS = {"testserver": "EU"}

    call("tick", forge.claims(settings, site=INITECH))

    assert Site.objects.get(cloud_id=INITECH).region == "EU"


def test_page_says_how_people_call_a_site(call, settings):
    call("tick", forge.claims(settings, site=INITECH))

    call("ui/session", forge.page_claims(settings, site=INITECH))

    assert Site.objects.get(cloud_id=INITECH).url == "https://acme.atlassian.example"


def test_installation_known_on_another_site_is_refused(call, settings):
    call("tick")

    response = call("tick", forge.claims(settings, site="globex"))

    assert response.status_code == 403
    assert response.json() == {"detail": "This installation is known on another site."}
    assert Installation.objects.get().site.slug == "acme"


def test_new_version_is_kept_and_the_old_one_does_not_turn_it_back(call, settings):
    for version in ("2.9.0", "2.10.0", "2.9.0", "2.10.0"):
        call("tick", version_of(settings, version))

    assert Installation.objects.get().app_version == "2.10.0"
    upgrade = {"installation": forge.INSTALLATION_ID, "from": "2.9.0", "to": "2.10.0"}
    assert story(SITES["acme"])[1:] == [("upgraded", upgrade)]


def version_of(settings, version):
    said = forge.claims(settings)
    said["app"]["appVersion"] = version
    return said


def test_address_is_kept_up_to_date(call, settings):
    call("tick")
    call("tick", forge.claims(settings, api="https://api.atlassian.com/eu"))

    installation = Installation.objects.get()
    assert installation.api_base_url.startswith("https://api.atlassian.com/eu/ex/jira/")


def test_page_is_seen_and_not_heard(call, settings):
    call("tick")
    long_ago = timezone.now() - timedelta(hours=1)
    Installation.objects.update(seen_at=long_ago, heard_at=long_ago)

    call("ui/session", forge.page_claims(settings))

    installation = Installation.objects.get()
    assert (installation.seen_at > long_ago, installation.heard_at) == (True, long_ago)


def test_call_of_forge_is_heard(call):
    call("tick")
    Installation.objects.update(heard_at=timezone.now() - timedelta(hours=1))

    call("tick")

    assert timezone.now() - Installation.objects.get().heard_at < timedelta(seconds=30)


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
        assert sorted(due.values_list("topic", flat=True)) == [
            "request.annotate",
            "request.open",
            "requests.reconcile",
        ]


def test_next_token_hastens_nothing(tick, acme):
    tick(3600)
    with tenant_context(acme):
        outbox.promise("request.open", group="g", subject=1, delay=timedelta(minutes=5))

    tick(7200)

    with tenant_context(acme):
        waiting = OutboxEntry.objects.filter(topic="request.open")
        assert not waiting.filter(run_after__lte=timezone.now()).exists()


@pytest.mark.parametrize(("minutes", "times"), [(40, 0), (60, 1)])
def test_tick_has_jira_asked_for_what_was_missed(tick, installation, acme, minutes, times):
    known_until = timezone.now() - timedelta(minutes=minutes)
    Installation.objects.update(events_known_until=known_until)

    tick(9000)

    with tenant_context(acme):
        assert OutboxEntry.objects.filter(topic="requests.reconcile").count() == times


def test_token_of_a_removed_installation_is_not_used(installation, acme):
    Installation.objects.update(removed_at=timezone.now())

    with tenant_context(acme), pytest.raises(TemporaryFailure, match="Waits for a token"):
        app_client()


def test_token_of_a_removed_installation_is_not_kept(installation, acme):
    Installation.objects.update(removed_at=timezone.now())
    tokens.remember(installation, forge.system_token(ends_in=9000))

    assert stored() == "system-token"


def test_lost_key_of_an_old_token_keeps_no_site_away(call, installation, settings):
    """Keys are rotated; a site that was silent meanwhile has a token that nobody can read."""
    ended = timezone.now() - timedelta(days=1)
    Installation.objects.update(system_token_expires_at=ended)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE public.tenants_installation SET system_token = 'of a lost key'")
    token = forge.system_token(ends_in=7200)

    assert call("tick", **{"x-forge-oauth-system": token}).status_code == 204

    assert Installation.objects.get().system_token == token
