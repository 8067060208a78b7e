"""The app goes and comes back: what stops at once, what waits, and what nobody may touch."""

from datetime import timedelta

import pytest
from django.utils import timezone

from conversations import inbox, outbox
from conversations.models import InboxEntry, OutboxEntry
from conversations.tasks import drain_inbox, drain_outbox, sweep_site
from tenants import directory, pending_work
from tenants.context import tenant_context
from tenants.models import InboundKey, Installation, Site
from tests.conftest import SITES
from tests.jira_bridge import forge
from tests.jira_bridge.stories import actions, story

pytestmark = pytest.mark.django_db

SECOND = "ari:cloud:ecosystem::installation/second"
GONE = {"detail": "OmniChat was uninstalled from this site."}
State = Site.State


@pytest.fixture
def gone(call, installation):
    """The app was uninstalled from acme a while ago."""
    assert call("bye").status_code == 204
    return Installation.objects.get()


def acme():
    return Site.objects.get(slug="acme")


def second(settings, *, environment="PRODUCTION", page=False):
    said = forge.page_claims(settings) if page else forge.claims(settings)
    said["app"] |= {"installationId": SECOND, "environment": {"type": environment}}
    return said


def removed_ago(**ago):
    Installation.objects.update(removed_at=timezone.now() - timedelta(**ago))


def test_bye_drops_the_token_and_stops_the_site(call, installation):
    token = forge.system_token(ends_in=7200)

    response = call("bye", **{"x-forge-oauth-system": token})

    assert response.status_code == 204
    gone = Installation.objects.get()
    assert (gone.system_token, gone.system_token_expires_at) == ("", None)
    assert gone.removed_at is not None
    assert acme().state == State.UNINSTALLED
    assert acme().uninstalled_at is not None
    assert story(SITES["acme"]) == [("uninstalled", {"installation": forge.INSTALLATION_ID})]


def test_bye_said_twice_is_once(call, gone):
    at = acme().uninstalled_at

    assert call("bye").status_code == 204
    assert acme().uninstalled_at == at
    assert actions(SITES["acme"]) == ["uninstalled"]


def test_bye_of_an_unknown_installation_makes_and_ends_nothing(call, settings, installation):
    assert call("bye", second(settings)).status_code == 204
    assert call("bye", forge.claims(settings, site="cloud-of-initech")).status_code == 204
    assert acme().state == State.ACTIVE
    assert Site.objects.count() == 2


def test_bye_of_one_of_two_leaves_the_site_alone(call, settings, installation):
    Installation.objects.create(
        site=acme(), installation_id=SECOND, environment="PRODUCTION", api_base_url="https://x"
    )

    call("bye")

    assert acme().state == State.ACTIVE
    assert acme().uninstalled_at is None


def test_bye_of_a_suspended_site_does_not_free_it(call, settings, installation):
    Site.objects.filter(slug="acme").update(state=State.SUSPENDED)

    call("bye")
    assert (acme().state, acme().uninstalled_at is None) == (State.SUSPENDED, False)

    call("tick", second(settings))
    assert (acme().state, acme().uninstalled_at) == (State.SUSPENDED, None)


def test_nothing_is_done_for_a_site_that_is_gone(gone, settings):
    settings.INBOX_HANDLERS = settings.OUTBOX_HANDLERS = {"test": "tests.must_not_be_called"}
    with tenant_context(acme()):
        inbox.keep("test", [inbox.Item("1", b"1")])
        outbox.promise("test", group="one", subject="1")

        assert (drain_inbox("site_acme"), drain_outbox("site_acme")) == (0, 0)
        sweep_site("site_acme")

        assert InboxEntry.objects.get().state == "new"
        assert OutboxEntry.objects.get().attempts == 0


def test_messages_to_a_site_that_is_gone_are_kept_unopened(client, gone):
    key = InboundKey.objects.issue(acme()).key

    response = client.post(
        f"/hooks/infobip/{key}/", b"not read yet", content_type="application/json"
    )

    assert response.status_code == 200
    with tenant_context(acme()):
        assert InboxEntry.objects.count() == 1


def test_panel_and_console_of_a_site_that_is_gone_are_closed(call, gone):
    assert directory.site_by_schema("site_acme") is None
    assert directory.site_by_host("acme.localhost") is None


def test_what_this_process_remembers_of_the_site_is_forgotten(
    call, installation, django_capture_on_commit_callbacks
):
    assert directory.site_by_schema("site_acme") is not None

    with django_capture_on_commit_callbacks(execute=True):
        call("bye")

    assert directory.site_by_schema("site_acme") is None


@pytest.mark.parametrize("route", ["tick", "events", "lifecycle"])
def test_late_call_of_a_removed_installation_changes_nothing(call, gone, route):
    token = forge.system_token(ends_in=7200)

    response = call(route, **{"x-forge-oauth-system": token})

    assert (response.status_code, response.json()) == (403, GONE)
    assert acme().state == State.UNINSTALLED
    assert Installation.objects.get().system_token == ""
    with tenant_context(acme()):
        assert InboxEntry.objects.count() == 0


def test_page_of_a_removed_installation_is_refused_however_late(call, gone, settings):
    removed_ago(days=1)

    response = call("ui/session", forge.page_claims(settings))

    assert (response.status_code, response.json()) == (403, GONE)
    assert acme().state == State.UNINSTALLED


@pytest.mark.parametrize("page", [True, False])
def test_reinstallation_gets_everything_back(call, gone, settings, page):
    with tenant_context(acme()):
        outbox.promise("test", group="one", subject="1")

    call("ui/session" if page else "tick", second(settings, page=page))

    assert (acme().state, acme().uninstalled_at) == (State.ACTIVE, None)
    assert Site.objects.count() == 2
    with tenant_context(acme()):
        assert OutboxEntry.objects.filter(topic="test").count() == 1
    assert actions(SITES["acme"]) == ["uninstalled", "reinstalled"]
    live = Installation.objects.get(removed_at=None)
    assert (live.installation_id, live.site.slug) == (SECOND, "acme")


def test_reinstallation_wakes_what_has_waited(
    call, gone, settings, woken, django_capture_on_commit_callbacks, monkeypatch
):
    marked = []
    monkeypatch.setattr(pending_work, "mark", marked.append)

    with django_capture_on_commit_callbacks(execute=True):
        call("tick", second(settings))

    assert set(marked) == {"site_acme"}
    assert set(woken) == {
        ("conversations.tasks.drain_inbox", "site_acme"),
        ("conversations.tasks.drain_outbox", "site_acme"),
    }


def test_installed_event_of_the_same_installation_brings_it_back(call, gone):
    removed_ago(seconds=5)

    response = call("lifecycle", body=b'{"eventType": "avi:forge:installed:app"}')

    assert response.status_code == 204
    assert acme().state == State.ACTIVE
    assert Installation.objects.get().removed_at is None


def test_uninstall_that_did_not_go_through(call, gone):
    removed_ago(minutes=11)
    token = forge.system_token(ends_in=7200)

    assert call("tick", **{"x-forge-oauth-system": token}).status_code == 204
    assert acme().state == State.ACTIVE
    assert Installation.objects.get().system_token == token
    assert actions(SITES["acme"]) == ["uninstalled", "reinstalled"]


def test_site_that_was_gone_before_it_was_made_is_made(call, settings):
    said = forge.claims(settings, site="cloud-of-initech")
    call("lifecycle", said)
    call("bye", said)

    said["app"]["installationId"] = SECOND
    call("lifecycle", said)

    assert Site.objects.get(cloud_id="cloud-of-initech").state == State.INSTALLING


def test_second_installation_replaces_the_first(call, installation, settings):
    call("tick", second(settings))

    first = Installation.objects.get(installation_id=forge.INSTALLATION_ID)
    assert (first.system_token, first.removed_at is None) == ("", False)
    assert acme().state == State.ACTIVE
    assert actions(SITES["acme"]) == ["reinstalled"]


@pytest.mark.parametrize("removed_minutes_ago", [1, 60])
def test_replaced_installation_has_nothing_to_say(
    call, installation, settings, removed_minutes_ago
):
    call("tick", second(settings))
    Installation.objects.exclude(installation_id=SECOND).update(
        removed_at=timezone.now() - timedelta(minutes=removed_minutes_ago)
    )

    response = call("tick")

    assert (response.status_code, response.json()) == (403, GONE)
    assert Installation.objects.get(removed_at=None).installation_id == SECOND


def test_bye_of_a_replaced_installation_does_not_end_the_site(call, installation, settings):
    call("tick", second(settings))

    assert call("bye").status_code == 204
    assert acme().state == State.ACTIVE


@pytest.mark.parametrize("page", [True, False])
def test_another_environment_touches_nothing(call, installation, settings, page):
    settings.FORGE_ENVIRONMENTS = ["PRODUCTION", "DEVELOPMENT"]
    said = second(settings, environment="DEVELOPMENT", page=page)

    response = call("ui/session" if page else "tick", said)

    assert response.status_code == 403
    assert response.json() == {
        "detail": "Another environment of the app is installed on this site."
    }
    installation.refresh_from_db()
    assert (installation.removed_at, installation.system_token) == (None, "system-token")
    assert Installation.objects.count() == 1


def test_another_environment_may_come_when_the_first_has_gone(call, gone, settings):
    settings.FORGE_ENVIRONMENTS = ["PRODUCTION", "STAGING"]

    assert call("tick", second(settings, environment="STAGING")).status_code == 204
    assert acme().state == State.ACTIVE


def test_one_site_gone_leaves_the_other_alone(call, gone, globex):
    with tenant_context(globex):
        assert drain_inbox("site_globex") == 0
    assert Site.objects.get(slug="globex").state == State.ACTIVE
