"""The console's provider account: the key goes in and never comes out."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from channels.models import ProviderAccount
from conversations.models import AuditEvent, OutboxEntry
from conversations.moments import written
from logins.roles import Role
from tenants.models import InboundKey
from tests.consoles import ConsoleClient, client_of, owners_client
from tests.factories import ProviderAccountFactory

pytestmark = pytest.mark.django_db

LIST = "/admin/channels/provideraccount/"
ADDRESS = f"{LIST}new-webhook-address/"
BASE_URL = "http://127.0.0.1:8082"
KEY = "9f31b2-very-secret-key-77aa"


def test_list_leads_to_the_form_that_makes_the_account():
    assert owners_client().get(LIST)["Location"] == f"{LIST}add/"


def test_list_leads_to_the_one_account():
    account = ProviderAccountFactory()

    assert owners_client().get(LIST)["Location"] == f"{LIST}{account.pk}/change/"


def test_second_account_is_refused():
    ProviderAccountFactory()

    response = owners_client().post(f"{LIST}add/", {"base_url": BASE_URL, "new_api_key": KEY})

    assert response.status_code == 403
    assert ProviderAccount.objects.count() == 1


def test_account_cannot_be_deleted():
    account = ProviderAccountFactory()

    response = owners_client().post(f"{LIST}{account.pk}/delete/", {"post": "yes"})

    assert response.status_code == 403


def test_entered_key_is_saved_with_who_and_when():
    owners_client().post(f"{LIST}add/", {"base_url": BASE_URL, "new_api_key": KEY})

    account = ProviderAccount.objects.get()
    assert (account.base_url, account.api_key, account.key_set_by) == (BASE_URL, KEY, "ana")
    assert timezone.now() - account.key_set_at < timedelta(minutes=1)


def test_key_is_in_no_page_and_no_record():
    client = owners_client()
    pages = [client.post(f"{LIST}add/", {"base_url": BASE_URL, "new_api_key": KEY}, follow=True)]
    account = ProviderAccount.objects.get()
    refused = {"base_url": "nonsense", "new_api_key": KEY}
    pages.append(client.post(f"{LIST}{account.pk}/change/", refused))
    pages += [
        client.get(f"{LIST}{account.pk}/{page}/", follow=True) for page in ("change", "history")
    ]
    pages += [client.get("/admin/"), client.get("/admin/conversations/auditevent/")]

    assert {page.status_code for page in pages} == {200}
    assert [page.request["PATH_INFO"] for page in pages if KEY in page.content.decode()] == []
    assert KEY not in str(list(AuditEvent.objects.values()))


def test_end_of_the_saved_key_is_shown():
    account = ProviderAccountFactory(api_key=KEY, key_set_at=timezone.now(), key_set_by="ana")

    client = owners_client()
    User.objects.filter(username="ana").update(first_name="Ana", last_name="Kovač")

    page = client.get(f"{LIST}{account.pk}/change/").content.decode()

    set_on = written(account.key_set_at)
    assert f"Saved key ends in 77aa, set {set_on} by Ana Kovač. Leave this empty" in page
    assert 'autocomplete="new-password"' in page


def test_end_of_a_short_key_is_not_shown():
    account = ProviderAccountFactory(api_key="short-77aa")

    assert "77aa" not in owners_client().get(f"{LIST}{account.pk}/change/").content.decode()


def test_empty_key_keeps_the_saved_one():
    account = ProviderAccountFactory(api_key=KEY, key_set_by="ana")

    change(account, base_url=f"{BASE_URL}/", new_api_key="")

    account.refresh_from_db()
    assert (account.api_key, account.key_set_by) == (KEY, "ana")


def test_saved_key_is_removed_on_demand():
    account = ProviderAccountFactory(api_key=KEY, key_set_at=timezone.now(), key_set_by="ana")

    change(account, base_url=BASE_URL, remove_key="on")

    account.refresh_from_db()
    assert (account.api_key, account.key_set_at, account.key_set_by) == ("", None, "")


@pytest.mark.parametrize(
    "refused",
    [
        {"base_url": "https://infobip.example.com"},
        {"base_url": ""},
        {"base_url": BASE_URL, "new_api_key": "two words"},
        {"base_url": BASE_URL, "new_api_key": "key\u200b"},
        {"base_url": BASE_URL, "new_api_key": "another-key", "remove_key": "on"},
    ],
)
def test_refused_form_changes_nothing(refused):
    account = ProviderAccountFactory(api_key=KEY)

    response = change(account, **refused)

    account.refresh_from_db()
    assert response.status_code == 200
    assert (account.base_url, account.api_key) == (BASE_URL, KEY)
    assert AuditEvent.objects.exists() is False


def test_change_is_recorded_without_the_key():
    account = ProviderAccountFactory(base_url="http://127.0.0.1:9")

    change(account, base_url=BASE_URL, new_api_key=KEY)

    event = AuditEvent.objects.get()
    assert (event.action, event.actor_kind, event.actor) == ("settings.changed", "admin", "ana")
    assert event.detail["fields"] == {
        "base_url": {"before": "http://127.0.0.1:9", "after": BASE_URL},
        "new_api_key": "changed",
    }


def test_saved_account_hastens_messages_that_wait_for_it():
    account = ProviderAccountFactory()
    later = timezone.now() + timedelta(minutes=5)
    entry = OutboxEntry.objects.create(topic="message.deliver", group="g", run_after=later)

    change(account, base_url=BASE_URL, new_api_key=KEY)

    entry.refresh_from_db()
    assert entry.run_after <= timezone.now()


def test_webhook_address_is_shown_once_there_is_an_account(acme):
    key = InboundKey.objects.get(site=acme)
    page = f"{LIST}{ProviderAccountFactory().pk}/change/"

    assert key.webhook_url in owners_client().get(page).content.decode()
    ProviderAccount.objects.all().delete()
    assert key.webhook_url not in owners_client().get(f"{LIST}add/").content.decode()


def test_empty_page_says_what_is_needed_of_infobip():
    page = owners_client().get(f"{LIST}add/").content.decode()

    for words in ("the base URL", "message:send, inbound-message:read", "a number for SMS"):
        assert words in page


@pytest.mark.parametrize("role", [Role.CONFIGURATOR, Role.AUDITOR])
def test_account_is_an_owners(role):
    account = ProviderAccountFactory(api_key=KEY)
    client = client_of("iva", role)

    assert client.get(f"{LIST}{account.pk}/change/").status_code == 403
    assert client.post(ADDRESS).status_code == 403


def test_new_webhook_address_leaves_the_old_one_a_week(acme):
    old = InboundKey.objects.get(site=acme)

    owners_client().post(ADDRESS)

    old.refresh_from_db()
    new = InboundKey.objects.get(site=acme, retires_at=None)
    assert new.key != old.key
    assert timedelta(days=6) < old.retires_at - timezone.now() <= timedelta(days=7)
    assert InboundKey.objects.valid().filter(site=acme).count() == 2


def test_new_webhook_address_is_recorded_without_it(acme):
    owners_client().post(ADDRESS)

    event = AuditEvent.objects.get()
    assert (event.action, event.detail["fields"]) == (
        "settings.changed",
        {"webhook_url": "changed"},
    )


def test_new_webhook_address_touches_no_other_site(globex):
    owners_client().post(ADDRESS)

    assert InboundKey.objects.get(site=globex).retires_at is None


def test_new_webhook_address_needs_a_post(acme):
    assert owners_client().get(ADDRESS).status_code == 405
    assert ConsoleClient().post(ADDRESS).status_code == 302
    assert InboundKey.objects.filter(site=acme).count() == 1


def test_new_webhook_address_needs_the_forms_token(acme):
    client = owners_client()
    client.handler.enforce_csrf_checks = True

    assert client.post(ADDRESS).status_code == 403
    assert InboundKey.objects.filter(site=acme).count() == 1


def change(account, **form):
    form = {"signature_header": account.signature_header, "pulls_inbox": "on", **form}
    return owners_client().post(f"{LIST}{account.pk}/change/", form)
