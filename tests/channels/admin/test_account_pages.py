"""The console's pages around the account: tested, senders chosen, webhook subscribed, tried."""

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from channels import senders
from channels.models import ProviderAccount, WayTest, WebhookSecret
from conversations.models import AuditEvent, OutboxEntry, Sender
from logins.roles import Role
from tenants.context import tenant_context
from tenants.models import InboundKey, Site
from tests.channels.test_senders import BOTH, SMS, answer_well, quality, refuse
from tests.consoles import client_of, owners_client
from tests.factories import AddressFactory, ProviderAccountFactory, SenderFactory

pytestmark = pytest.mark.django_db

PAGE = "/admin/channels/provideraccount/"
KEY = "9f31b2-very-secret-key-77aa"
BUTTONS = ["add-senders", "subscribe", "unsubscribe", "new-webhook-address"]
PENDING = {"groupId": 1, "groupName": "PENDING", "id": 26, "name": "PENDING_ACCEPTED"}


@pytest.fixture
def found(account):
    account.test_result = {
        "outcome": "works",
        "count": 2,
        "lacking": ["blocklist:manage"],
        "untried": ["message:send"],
        "senders": [
            {"channel": "sms", "number": "385951006719", "quality": ""},
            {"channel": "whatsapp", "number": "385951006720", "quality": "medium"},
        ],
    }
    account.tested_at = timezone.now()
    account.save()
    return account


def page_of(account):
    return owners_client().get(f"{PAGE}{account.pk}/change/").content.decode()


def press(button, data=None):
    response = owners_client().post(f"{PAGE}{button}/", data or {}, follow=True)
    assert response.status_code == 200
    return response.content.decode()


def save_and_test(account, **form):
    form = {"base_url": account.base_url, "signature_header": "X-Hub-Signature", **form}
    address = f"{PAGE}{account.pk}/change/"
    return owners_client().post(address, {**form, "_test": "1"}, follow=True).content.decode()


def event(action):
    return AuditEvent.objects.get(action=action)


def test_save_and_test_tests_what_was_saved(infobip):
    account = ProviderAccountFactory(base_url=infobip.url, api_key="old-key")
    answer_well(infobip, SMS, BOTH, qualities=[quality("385951006720")])

    page = save_and_test(account, base_url=f"{infobip.url.upper()}/ ", new_api_key=KEY)

    assert {request.headers["authorization"] for request in infobip.requests} == {f"App {KEY}"}
    assert "The key works. 3 senders found." in page
    assert KEY not in page
    assert event("provider.tested").result == "works"


def test_provider_is_asked_outside_of_any_transaction(infobip, account, monkeypatch):
    within = []
    depth = len(connection.savepoint_ids)

    def ask(_account):
        within.append(len(connection.savepoint_ids) - depth)
        return {"outcome": "works", "text": ""}

    monkeypatch.setattr(senders, "_ask", ask)
    save_and_test(account)

    assert within == [0]


def test_refused_key_is_said_and_saved_all_the_same(infobip, account):
    infobip.answer(*refuse(401, "Invalid login details"))

    assert "Infobip refuses the key (401)" in save_and_test(account, new_api_key=KEY)
    assert ProviderAccount.objects.get().api_key == KEY


def test_last_tests_stay_in_words_with_who_and_when(infobip, account):
    User.objects.create_user("ana", first_name="Ana", last_name="Kovač")
    answer_well(infobip, SMS, BOTH, qualities=[quality("385951006720")])
    save_and_test(account)
    infobip.answer(*refuse(401), path="/account/1/balance")

    page = save_and_test(account).partition('id="key-title"')[2]

    newest, before = page.split("</li>")[:2]
    assert ("✗" in newest, "Infobip refuses the key (401)." in newest) == (True, True)
    assert ("✓" in before, "The key works. 3 senders found." in before) == (True, True)
    assert page.count("Ana Kovač") == 2


def test_test_message_begins_with_the_sender_that_led_there(account):
    sender = SenderFactory()

    page = owners_client().get(f"{PAGE}test-message/?sender={sender.pk}").content.decode()

    assert f'<option value="{sender.pk}" selected>' in page


def test_without_a_sender_the_test_leads_to_the_form_that_adds_one(account):
    page = owners_client().get(f"{PAGE}test-message/").content.decode()

    assert 'href="/admin/conversations/sender/add/"' in page


def test_refused_host_is_never_asked(infobip, account):
    page = save_and_test(account, base_url="https://infobip.example.com")

    assert "This is not a host of Infobip." in page
    assert infobip.requests == []


def test_test_without_a_key_says_what_to_do(infobip):
    account = ProviderAccountFactory(base_url=infobip.url, api_key="")

    assert "Enter and save the API key first." in save_and_test(account)
    assert infobip.requests == []


def test_new_key_forgets_what_was_said_of_the_old_one(found):
    owners_client().post(
        f"{PAGE}{found.pk}/change/", {"base_url": found.base_url, "new_api_key": KEY}
    )

    assert ProviderAccount.objects.get().test_result == {}


def test_page_lists_rights_and_what_lacks(found):
    page = page_of(found)

    assert page.count('<th scope="row">') == 7
    assert "blocklist:manage" in page
    assert "<td>missing</td>" in page
    assert "cannot be tried without doing it" in page


@pytest.mark.parametrize("header", ["X Hub", "X-Hub:", "X_Hub", "Ω", "-"])
def test_name_that_is_no_header_is_refused(account, header):
    assert "This is not the name of a header" in save_and_test(account, signature_header=header)


@pytest.mark.parametrize(("ticked", "pulls"), [({"pulls_inbox": "on"}, True), ({}, False)])
def test_an_inbox_that_others_empty_can_be_left_to_them(infobip, account, ticked, pulls):
    save_and_test(account, **ticked)

    account.refresh_from_db()
    assert account.pulls_inbox is pulls


def test_leaving_the_inbox_to_others_is_recorded(infobip, account):
    save_and_test(account)

    fields = event("settings.changed").detail["fields"]
    assert fields["pulls_inbox"] == {"before": True, "after": False}


def test_chosen_senders_are_added(infobip, found):
    page = press("add-senders", {"sender": ["whatsapp:385951006720"]})

    assert list(Sender.objects.values_list("channel", "number")) == [("whatsapp", "385951006720")]
    assert event("settings.changed").detail["fields"]["number"] == "385951006720"
    assert "1 sender added. Subscribe the webhook" in page
    assert "quality: Medium" in page
    assert ">Added<" in page
    assert OutboxEntry.objects.pending().filter(topic="templates.sync").exists()


@pytest.mark.parametrize("chosen", [[], ["sms:385951009999"], ["sms"], ["viber:385951006719"]])
def test_sender_that_was_not_found_is_not_added(found, chosen):
    assert "Choose senders that are not added yet." in press("add-senders", {"sender": chosen})
    assert Sender.objects.count() == 0


def test_button_subscribes_and_records_no_secret(infobip, account):
    SenderFactory()
    infobip.answer(200, {}, times=5)

    page = press("subscribe")

    secret = WebhookSecret.objects.get().secret
    assert "Set up at Infobip: Signature, Address, SMS, MMS, Blocklist." in page
    assert "Requests without a signature (HMAC) are refused." in page
    assert secret not in page
    assert (event("webhook.subscribed").result, secret in str(AuditEvent.objects.values())) == (
        "done",
        False,
    )


def test_failed_step_is_shown_with_what_to_do(infobip, account):
    SenderFactory()
    infobip.answer(*refuse(403), path="/subscriptions/1/security")

    page = press("subscribe")

    assert "Signature: The key lacks subscriptions:manage." in page
    assert event("webhook.subscribed").detail["failed"] == ["Signature"]


def test_new_webhook_address_is_given_to_the_subscription(infobip, account, acme):
    account.subscriptions = {"senders": {"SMS": ["385951006719"]}, "signature": "hmac"}
    account.save()
    infobip.answer(200, {})

    press("new-webhook-address")

    newest = InboundKey.objects.filter(site=acme).latest("pk").webhook_url
    assert infobip.requests[0].json["webhook"]["notifyUrl"] == newest


def test_button_takes_the_subscriptions_back(infobip, account):
    WebhookSecret.objects.create(kind="hmac", secret="secret-of-the-tests")
    account.subscriptions = {"senders": {"SMS": ["385951006719"]}}
    account.save()
    infobip.answer(204, times=3)

    page = press("unsubscribe")

    assert "No signature is asked for" in page
    assert "Removed at Infobip: " in page
    assert event("webhook.unsubscribed").result == "done"


def test_test_message_is_sent_and_watched(infobip, account):
    sender = SenderFactory()
    infobip.answer(200, {"messages": [{"messageId": "taken-1", "status": PENDING}]}, path="/sms/3")

    client = owners_client()
    form = {"sender": sender.pk, "number": "+385 99 190 3327"}
    response = client.post(f"{PAGE}test-message/", form, follow=True)

    test, page = WayTest.objects.get(), response.content.decode()
    assert (response.headers["Refresh"], test.address, test.begun_by) == (
        "3",
        "385991903327",
        "ana",
    )
    assert f"Send {test.code} from the phone to 385951006719." in page
    assert "385991903327" not in page + str(event("provider.test-sent").detail)


def test_page_of_a_finished_test_rests(account):
    test = WayTest.objects.create(
        sender=SenderFactory(),
        address="385991903327",
        code="123456",
        taken_at=timezone.now(),
        delivered_at=timezone.now(),
        answered_at=timezone.now(),
    )

    response = owners_client().get(f"{PAGE}test-message/{test.pk}/")

    assert "Refresh" not in response.headers
    assert response.content.decode().count("✓ done") == 3
    assert owners_client().get(f"{PAGE}test-message/").content.decode().count("✓ done") == 3


def test_wrong_number_sends_nothing(infobip, account):
    form = {"sender": SenderFactory().pk, "number": "nonsense"}

    response = owners_client().post(f"{PAGE}test-message/", form)

    assert response.status_code == 200
    assert (WayTest.objects.count(), infobip.requests) == (0, [])


def test_nobody_who_opted_out_is_sent_a_test(infobip, account):
    AddressFactory(
        phone_number__key="385991903327", channel="whatsapp", opted_out_at=timezone.now()
    )
    sender = SenderFactory(channel="whatsapp", number="385951006720")
    form = {"sender": sender.pk, "number": "+385 99 190 3327"}

    page = owners_client().post(f"{PAGE}test-message/", form).content.decode()

    assert "This phone said STOP." in page
    assert infobip.requests == []


def test_site_without_a_licence_sends_no_test_either(infobip, account, acme):
    Site.objects.filter(pk=acme.pk).update(licence_active=False)
    form = {"sender": SenderFactory().pk, "number": "+385 99 190 3327"}

    page = owners_client().post(f"{PAGE}test-message/", form).content.decode()

    assert "The licence is not active: nothing is sent." in page
    assert infobip.requests == []


def test_other_sites_test_is_not_found(account, globex):
    with tenant_context(globex):
        other = WayTest.objects.create(sender=SenderFactory(), address="1", code="123456")

    assert owners_client().get(f"{PAGE}test-message/{other.pk}/").status_code == 404


@pytest.mark.parametrize("page", [*BUTTONS, "test-message", "test-message/1"])
def test_buttons_are_an_owners(infobip, found, page):
    client = client_of("iva", Role.CONFIGURATOR)

    assert client.post(f"{PAGE}{page}/").status_code == 403
    assert infobip.requests == []
    assert client.get(f"{PAGE}{found.pk}/change/").status_code == 403


@pytest.mark.parametrize("button", BUTTONS)
def test_buttons_need_a_post_and_the_forms_token(found, button):
    client = owners_client()
    assert client.get(f"{PAGE}{button}/").status_code == 405

    client.handler.enforce_csrf_checks = True
    assert client.post(f"{PAGE}{button}/").status_code == 403


def test_pages_have_no_inline_script_or_style(found):
    SenderFactory()
    client = owners_client()
    for address in (f"{PAGE}{found.pk}/change/", f"{PAGE}test-message/"):
        page = client.get(address).content.decode()
        assert (" style=" in page, " onclick=" in page, "<style" in page) == (False,) * 3
