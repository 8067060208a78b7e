"""What goes on while a key is replaced, and what ends with it; what a suspended site still opens.

Beside it: ENCRYPTION_KEYS in tenants/test_rotation.py, AUDIT_KEYS in conversations/test_audit.py,
webhook secrets in channels/test_signatures.py, inbound keys in channels/test_webhook.py, Forge's
keys in jira_bridge/test_auth.py, people who were switched off in logins/test_sessions.py.
"""

import pytest
from django.core import signing
from django.urls import reverse

from channels import media_address, webhook_address
from conversations.contracts import OutgoingFile
from conversations.panel import files
from jira_bridge import panel_session
from tenants import directory
from tenants.context import schema_context
from tenants.models import InboundKey, Site
from tests.consoles import owners_client
from tests.conversations.stored_files import store
from tests.factories import AgentFactory, ConversationFactory

pytestmark = pytest.mark.django_db

NEW = "another-secret-key-of-no-other-use-9876543210-9876543210"
PUBLIC = "omnichat.urls_machines"


@pytest.fixture
def start_with(settings, monkeypatch):
    """Go on as a process that has started with these keys."""

    def start(key, *fallbacks):
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = key, list(fallbacks)
        for module in (media_address, files):
            fresh = signing.Signer(salt=module._signer.salt, sep=".")
            monkeypatch.setattr(module, "_signer", fresh)

    return start


@pytest.fixture
def attachment(settings, tmp_path, inside_acme):
    settings.MEDIA_ROOT = tmp_path
    return store(issue_id="10101", uploaded_by="ana")


def panel_session_opens(client, attachment):
    token = panel_session.issue(AgentFactory())
    return lambda: panel_session.read(token) is not None


def panel_file_opens(client, attachment):
    address = files.file_address(AgentFactory(), attachment)
    return lambda: opens(client, address)


def media_link_opens(client, attachment):
    file = OutgoingFile(attachment.pk, "photo.png", "image/png", 1)
    address = media_address.media_url(file).partition("8000")[2]
    return lambda: opens(client, address)


def reports_address_is_known(client, attachment):
    key, _, proof = webhook_address.current_reports_url().rstrip("/").split("/")[-3:]
    return lambda: webhook_address.is_reports_address(key, proof)


def console_session_goes_on(client, attachment):
    console = owners_client()
    return lambda: console.get("/admin/").status_code == 200


def opens(client, address):
    with schema_context("public"):
        return client.get(address).status_code == 200


KINDS = [
    panel_session_opens,
    panel_file_opens,
    media_link_opens,
    reports_address_is_known,
    console_session_goes_on,
]


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_secret_key_has_signed_outlives_it_by_its_fallback(
    kind, client, attachment, settings, start_with
):
    old = settings.SECRET_KEY
    start_with(old)
    still = kind(client, attachment)
    assert still()

    start_with(NEW, old)
    assert still()


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_secret_key_has_signed_ends_without_it(
    kind, client, attachment, settings, start_with
):
    start_with(settings.SECRET_KEY)
    still = kind(client, attachment)

    start_with(NEW)
    assert not still()


@pytest.mark.parametrize("kind", [panel_file_opens, media_link_opens])
def test_suspended_sites_files_are_not_handed_out(kind, client, attachment, acme):
    still = kind(client, attachment)
    suspend(acme)

    assert not still()


def test_suspended_site_takes_no_webhook_and_shows_no_panel_and_no_console(client, acme):
    ConversationFactory(issue_id="10101")
    console, key = owners_client(), InboundKey.objects.get(site=acme)
    token = panel_session.issue(AgentFactory())
    suspend(acme)

    with schema_context("public"):
        view = reverse("panel-view", PUBLIC, args=["10101"])
        assert client.get(view, headers={"Authorization": f"Bearer {token}"}).status_code == 401
        hook = f"/hooks/infobip/{key.key}/"
        assert client.post(hook, "{}", content_type="application/json").status_code == 404
    assert console.get("/admin/").status_code == 404


def suspend(site):
    Site.objects.filter(pk=site.pk).update(state=Site.State.SUSPENDED)
    directory.forget()
