"""What operators do to a site: asked about, for a reason, written down, and only while it fits."""

from datetime import timedelta

import pytest
from django.utils import timezone

from channels import readdressing, subscriptions
from channels.models import ProviderAccount, Reconciliation
from channels.subscriptions import Step
from conversations import nudges, outbox
from conversations.contracts import Promise
from conversations.errors import TemporaryFailure
from conversations.models import AuditEvent, OutboxEntry
from omnichat import tasks
from omnichat.operators.actions import ACTIONS
from tenants import directory
from tenants.context import enter_public, tenant_context
from tenants.models import InboundKey, Site, SiteEvent, SiteFigures
from tests.factories import ProviderAccountFactory

pytestmark = pytest.mark.django_db

State = Site.State


@pytest.fixture
def woken(monkeypatch):
    """The tasks that workers are woken for."""
    found = []
    monkeypatch.setattr(nudges._wakes, "add", lambda subject, number=0: found.append(subject))
    return found


def stand(site, **values):
    Site.objects.filter(pk=site.pk).update(**values)
    directory.forget()


def do(client, site, name, reason="They asked for it."):
    return client.post(f"/operator/sites/{site.pk}/{name}/", {"reason": reason}, follow=True)


def state(site):
    return Site.objects.get(pk=site.pk).state


def test_question_says_what_will_come_of_it(console, acme):
    asked = console.get(f"/operator/sites/{acme.pk}/suspend/").content.decode()

    assert "Suspend acme?" in asked
    assert "Infobip tries again for about 41 hours" in asked
    assert state(acme) == State.ACTIVE


def test_suspension_is_written_down_with_who_and_why(
    console, acme, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        said = do(console, acme, "suspend").content.decode()

    assert "The site is suspended." in said
    assert state(acme) == State.SUSPENDED
    event = SiteEvent.objects.get(cloud_id=acme.cloud_id)
    assert (event.action, event.detail) == (
        "suspended",
        {"by": "olga", "reason": "They asked for it."},
    )


def test_this_process_knows_of_a_suspension_at_once(
    console, acme, django_capture_on_commit_callbacks
):
    assert directory.site_by_schema("site_acme") == acme

    with django_capture_on_commit_callbacks(execute=True):
        do(console, acme, "suspend")

    assert directory.site_by_schema("site_acme") is None


def test_reason_is_needed(console, acme):
    answer = do(console, acme, "suspend", reason=" ")

    assert "This field is required." in answer.content.decode()
    assert state(acme) == State.ACTIVE


def test_resumption_wakes_what_waits(console, acme, woken, django_capture_on_commit_callbacks):
    stand(acme, state=State.SUSPENDED)

    with django_capture_on_commit_callbacks(execute=True):
        do(console, acme, "resume")

    assert state(acme) == State.ACTIVE
    assert {name for name, schema in woken} >= {
        "conversations.tasks.drain_inbox",
        "conversations.tasks.drain_outbox",
    }


def test_resumption_asks_for_what_the_provider_could_not_deliver(console, acme):
    with tenant_context(acme):
        ProviderAccountFactory(watched_at=timezone.now() - timedelta(minutes=10))
    stand(acme, state=State.SUSPENDED)

    do(console, acme, "resume")

    with tenant_context(acme):
        assert Reconciliation.objects.get().cause == Reconciliation.Cause.OUTAGE


def test_site_that_left_while_suspended_stays_away(console, acme):
    stand(acme, state=State.SUSPENDED, uninstalled_at=timezone.now())

    do(console, acme, "resume")

    assert state(acme) == State.UNINSTALLED


def test_site_that_was_never_made_is_installed_after_all(console, db):
    site = Site.objects.create(
        slug="initech",
        cloud_id="initech",
        url="https://i.example",
        schema_name="site_initech",
        state=State.SUSPENDED,
    )

    do(console, site, "resume")

    assert state(site) == State.INSTALLING


@pytest.mark.parametrize(
    ("standing", "offered"),
    [
        (State.INSTALLING, {"suspend", "provision"}),
        (State.ACTIVE, {"suspend", "new-address", "rotate"}),
        (State.SUSPENDED, {"resume", "rotate"}),
        (State.UNINSTALLED, {"rotate"}),
    ],
)
def test_what_is_offered_in_each_state(console, acme, standing, offered):
    stand(acme, state=standing)

    shown = console.get(f"/operator/sites/{acme.pk}/").context["actions"]

    assert {action.name for action in shown} == offered


@pytest.mark.parametrize("name", ACTIONS)
def test_what_is_not_offered_is_not_done(console, acme, name, woken):
    fits = {"resume": State.ACTIVE, "rotate": State.INSTALLING}
    stand(acme, state=fits.get(name, State.UNINSTALLED))

    said = do(console, acme, name).content.decode()

    assert "Nothing was done." in said
    assert (SiteEvent.objects.count(), woken) == (0, [])


@pytest.mark.parametrize(
    ("name", "standing", "task", "event"),
    [
        (
            "provision",
            State.INSTALLING,
            "jira_bridge.tasks.provision_site",
            "provisioning asked for",
        ),
        ("migrate", State.ACTIVE, "omnichat.tasks.migrate_site", "migration asked for"),
        ("rotate", State.ACTIVE, "omnichat.tasks.rotate_encryption", "encryption asked for"),
    ],
)
def test_what_takes_long_is_a_workers(
    console, acme, woken, django_capture_on_commit_callbacks, name, standing, task, event
):
    SiteFigures.objects.create(site=acme, missing_migrations=1)
    stand(acme, state=standing)

    with django_capture_on_commit_callbacks(execute=True):
        do(console, acme, name)

    assert woken == [(task, "site_acme")]
    assert SiteEvent.objects.get().action == event


def test_new_address_overlaps_with_the_one_before(console, acme):
    before = InboundKey.objects.get(site=acme)

    do(console, acme, "new-address")

    before.refresh_from_db()
    assert before.retires_at > timezone.now() + timedelta(days=6)
    assert InboundKey.objects.get(site=acme, retires_at=None) != before
    with tenant_context(acme):
        event = AuditEvent.objects.get(action="settings.changed")
        assert event.actor == "operator"
        assert not OutboxEntry.objects.exists()


def test_provider_that_posts_to_the_address_is_told_the_new_one(console, acme, monkeypatch):
    with tenant_context(acme):
        ProviderAccountFactory(subscriptions={"senders": {"SMS": ["1"]}})
    told = []
    monkeypatch.setattr(
        subscriptions, "readdress", lambda account: told.append(account) or Step("Address")
    )

    do(console, acme, "new-address")

    with tenant_context(acme):
        assert outbox.drain() == 1
        assert told == [ProviderAccount.objects.get()]


def test_provider_that_refuses_is_told_again(acme, monkeypatch):
    ProviderAccountFactory(subscriptions={"senders": {"SMS": ["1"]}})
    monkeypatch.setattr(subscriptions, "readdress", lambda account: Step("Address", "No."))
    promise = Promise(topic="webhook.readdress", subject="all", attempt=1, promised_at=None)

    with pytest.raises(TemporaryFailure, match="Address: No"):
        readdressing.readdress(promise)


def test_worker_writes_down_how_many_secrets_it_encrypted(acme):
    enter_public()

    tasks.rotate_encryption("site_acme")

    event = SiteEvent.objects.get()
    assert (event.action, event.detail) == (
        "secrets re-encrypted",
        {"renewed": 0, "unreadable": 0},
    )


def test_count_again(console, acme):
    said = console.post(f"/operator/sites/{acme.pk}/count/", follow=True).content.decode()

    assert "Counted just now." in said
    assert SiteFigures.objects.get(site=acme).counted_at


def test_site_says_when_it_will_be_erased(console, acme, settings):
    settings.ERASE_AFTER_DAYS = 30
    stand(acme, state=State.UNINSTALLED, uninstalled_at="2026-11-01T12:00Z")

    shown = console.get(f"/operator/sites/{acme.pk}/").content.decode()

    assert "Will be erased" in shown
    assert "1 Dec 2026, 12:00" in shown


def test_last_problem_of_an_installation_is_shown(console, acme):
    SiteEvent.objects.create(
        slug="acme",
        cloud_id=acme.cloud_id,
        action="not provisioned",
        detail={"problem": "InsufficientPrivilege"},
    )

    shown = console.get(f"/operator/sites/{acme.pk}/").content.decode()

    assert "Installation failed" in shown
    assert "InsufficientPrivilege" in shown


@pytest.mark.parametrize("path", ["sites/0/", "sites/0/count/", "sites/0/suspend/"])
def test_site_that_is_not_there(console, path):
    method = console.post if "count" in path else console.get

    assert method(f"/operator/{path}").status_code == 404


def test_action_that_is_not_there(console, acme):
    assert console.get(f"/operator/sites/{acme.pk}/explode/").status_code == 404
