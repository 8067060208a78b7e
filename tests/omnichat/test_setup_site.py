"""`manage.py setup_site`: a site is ready for its first message, however often it is asked."""

import json
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from channels.models import ProviderAccount
from conversations.models import AuditEvent, CannedReply, OutboxEntry, Sender
from jira_bridge.models import RequestDefaults
from logins.roles import Role, role_of
from omnichat.management.commands import setup_site
from tenants.context import public_context, tenant_context
from tenants.models import Domain, InboundKey, Installation, Site

pytestmark = pytest.mark.django_db

KEY = "9f31b2-very-secret-key-77aa"
PASSWORD = "correct horse battery"
INSTALLATION = "ari:cloud:ecosystem::installation/0c1f"
CLOUD_ID = "2f4c8a10-6a5f-4e0e-8e7d-3b1c9d2e4f50"


@pytest.fixture(autouse=True)
def _environment(monkeypatch):
    monkeypatch.setenv("INFOBIP_API_KEY", KEY)
    monkeypatch.setenv("CONSOLE_PASSWORD", PASSWORD)


def test_one_json_line_says_where_the_site_is(acme):
    output = set_up("acme")

    assert json.loads(output) == {
        "site": "acme",
        "webhook_url": InboundKey.objects.get(site=acme).webhook_url,
        "console_url": "http://acme.localhost:8000/admin/",
    }
    assert output.count("\n") == 1


def test_chosen_request_type_is_checked_once_jira_can_be_asked():
    set_up("acme")
    set_up("acme")

    assert OutboxEntry.objects.filter(topic="request-types.check").count() == 1


def test_templates_are_listed_soon():
    set_up("acme")
    set_up("acme")

    assert OutboxEntry.objects.pending().filter(topic="templates.sync").count() == 1


def test_site_has_all_it_needs():
    set_up("acme")

    account, defaults = ProviderAccount.objects.get(), RequestDefaults.objects.current()
    assert (account.base_url, account.api_key) == ("http://127.0.0.1:8082", KEY)
    assert set(Sender.objects.values_list("channel", "number")) == {
        ("sms", "385951006719"),
        ("whatsapp", "385951006720"),
    }
    assert (defaults.service_desk_id, defaults.request_type_id) == ("1", "10")


def test_console_user_may_log_in():
    set_up("acme")

    user = User.objects.get(username="admin")
    assert (user.is_staff, role_of(user)) == (True, Role.OWNER)
    assert user.check_password(PASSWORD)


def test_another_site_stays_as_it_was(globex):
    set_up("acme")

    with tenant_context(globex):
        assert ProviderAccount.objects.exists() is False
        assert User.objects.exists() is False


def test_second_time_changes_nothing():
    first = set_up("acme")
    events = AuditEvent.objects.count()

    assert set_up("acme") == first
    assert AuditEvent.objects.count() == events
    assert Sender.objects.count() == 2


def test_settings_are_recorded_without_key_and_password():
    set_up("acme")

    events = AuditEvent.objects.order_by("pk")
    assert [event.action for event in events] == ["settings.changed"] * 4 + [
        "console.user-admitted"
    ]
    assert {event.actor for event in events} == {"setup_site"}
    assert KEY not in str(list(events.values()))
    assert PASSWORD not in str(list(events.values()))


def test_what_is_not_given_stays_as_it_is(monkeypatch, acme):
    set_up("acme")
    monkeypatch.delenv("INFOBIP_API_KEY")
    monkeypatch.delenv("CONSOLE_PASSWORD")

    run("--slug", "acme", "--cloud-id", acme.cloud_id)

    assert ProviderAccount.objects.get().api_key == KEY
    assert User.objects.get().check_password(PASSWORD)


def test_address_that_is_not_the_providers_is_refused():
    with pytest.raises(CommandError, match="not a host of Infobip"):
        set_up("acme", infobip_url="https://infobip.example.com")

    assert ProviderAccount.objects.exists() is False
    assert Sender.objects.exists() is False


def test_site_gets_another_name(acme):
    set_up("acme", slug="acme-support")

    acme.refresh_from_db()
    assert acme.console_url == "http://acme-support.localhost:8000/admin/"
    assert Domain.objects.get(domain="acme-support.localhost").tenant_id == acme.pk


def test_name_of_another_site_is_refused():
    with pytest.raises(CommandError, match="Another site is called globex"):
        set_up("acme", slug="globex")


def test_missing_site_is_made():
    with public_context():
        output = set_up("initech", "--provision", cloud_id=CLOUD_ID, slug="initech")

        site = Site.objects.get(cloud_id=CLOUD_ID)
        installation = Installation.objects.get(site=site)
    assert json.loads(output)["console_url"] == "http://initech.localhost:8000/admin/"
    assert site.state == Site.State.ACTIVE
    assert (installation.installation_id, installation.environment) == (INSTALLATION, "PRODUCTION")
    with tenant_context(site):
        assert Sender.objects.count() == 2


def test_making_a_site_needs_to_know_its_jira():
    with pytest.raises(CommandError, match="--provision needs --installation-id"):
        run("--slug", "initech", "--cloud-id", CLOUD_ID, "--provision")


def test_site_that_never_comes_is_not_awaited_for_ever(monkeypatch):
    monkeypatch.setattr(setup_site, "WAIT_SECONDS", 0.0)

    with pytest.raises(CommandError, match="no active site has the cloud id"):
        set_up("initech", cloud_id=CLOUD_ID)


def test_site_is_awaited_until_a_worker_has_provisioned_it(monkeypatch, acme):
    Site.objects.filter(pk=acme.pk).update(state=Site.State.INSTALLING)
    monkeypatch.setattr(
        setup_site.time,
        "sleep",
        lambda _seconds: Site.objects.filter(pk=acme.pk).update(state=Site.State.ACTIVE),
    )

    assert json.loads(set_up("acme"))["site"] == "acme"


def test_weak_password_is_refused_outside_the_sandbox(monkeypatch, settings):
    settings.SANDBOX = False
    monkeypatch.setenv("CONSOLE_PASSWORD", "password")

    with pytest.raises(CommandError, match="too common"):
        set_up("acme", infobip_url="")

    assert User.objects.exists() is False


def test_weak_password_serves_the_sandbox(monkeypatch, settings):
    settings.SANDBOX = True
    monkeypatch.setenv("CONSOLE_PASSWORD", "password")

    set_up("acme")

    assert User.objects.get().check_password("password")


def test_canned_replies_are_added_to_a_site_without_any(tmp_path):
    told = tmp_path / "replies.json"
    told.write_text('[{"name": "Greeting", "text": "Hi", "language": "en", "tags": ["hello"]}]')
    set_up("acme", canned_replies=str(told))
    told.write_text('[{"name": "Another", "text": "Hi"}]')

    set_up("acme", canned_replies=str(told))

    reply = CannedReply.objects.get()
    assert (reply.name, reply.text, reply.tags) == ("Greeting", "Hi", ["hello"])


@pytest.mark.parametrize("content", ["[", '[{"name": "Greeting", "text": ""}]'])
def test_canned_replies_that_are_none_are_refused(tmp_path, content):
    told = tmp_path / "replies.json"
    told.write_text(content)

    with pytest.raises(CommandError):
        set_up("acme", canned_replies=str(told))

    assert CannedReply.objects.exists() is False


def set_up(site, *flags, cloud_id=None, **changes):
    options = {
        "slug": site,
        "cloud_id": cloud_id or Site.objects.get(slug=site).cloud_id,
        "installation_id": INSTALLATION,
        "site_url": f"https://{site}.atlassian.example",
        "api_base_url": "http://127.0.0.1:8081/ex/jira/1",
        "infobip_url": "http://127.0.0.1:8082",
        "sms_sender": "385951006719",
        "whatsapp_sender": "385951006720",
        "service_desk": "1",
        "request_type": "10",
        **changes,
    }
    arguments = [(f"--{name.replace('_', '-')}", value) for name, value in options.items()]
    return run(*flags, *(part for argument in arguments for part in argument))


def run(*arguments):
    output = StringIO()
    call_command("setup_site", *arguments, stdout=output)
    return output.getvalue()
