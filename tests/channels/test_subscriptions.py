"""One button subscribes the webhook: each step at Infobip, its refusals, and the secret."""

from datetime import timedelta

import psycopg
import pytest
from django.utils import timezone

from channels import subscriptions
from channels.models import ProviderAccount, WebhookSecret
from channels.webhook_address import current_webhook_url, replace_webhook_url
from tenants.context import tenant_context
from tenants.side_connection import conninfo
from tests.factories import ProviderAccountFactory, SenderFactory

pytestmark = pytest.mark.django_db

SECURITY, PROFILES = "/subscriptions/1/security", "/subscriptions/1/profiles"
CHANNEL = "/subscriptions/1/subscription/"


@pytest.fixture
def senders(account):
    SenderFactory(number="385951006719")
    SenderFactory(channel="whatsapp", number="385951006720")


@pytest.fixture
def base(senders):
    return subscriptions._base_id()


def refusal(status):
    return status, {"requestError": {"serviceException": {"messageId": "X", "text": "No."}}}


def take_all(infobip, times=1):
    infobip.answer(200, {}, times=6 * times)


def asked(infobip):
    return [(request.method, request.path) for request in infobip.requests]


def problems(steps):
    return {step.name: step.problem for step in steps if step.problem}


def test_everything_is_put_in_its_place(infobip, account, base):
    take_all(infobip)

    assert problems(subscriptions.subscribe(account)) == {}

    assert asked(infobip) == [
        ("PUT", f"{SECURITY}/{base}"),
        ("PUT", f"{PROFILES}/{base}"),
        ("PUT", f"{CHANNEL}SMS/{base}-sms"),
        ("PUT", f"{CHANNEL}WHATSAPP/{base}-whatsapp"),
        ("PUT", f"{CHANNEL}MMS/{base}-mms"),
        ("PUT", f"{CHANNEL}BLOCKLIST/{base}-blocklist"),
    ]


def test_what_does_not_exist_is_made(infobip, account, base):
    channels = [CHANNEL + name for name in ("SMS", "WHATSAPP", "MMS", "BLOCKLIST")]
    for path in (SECURITY, PROFILES, *channels):
        infobip.answer(*refusal(404), path=f"{path}/")
        infobip.answer(201, {}, path=path)

    assert problems(subscriptions.subscribe(account)) == {}

    made = [request for request in infobip.requests if request.method == "POST"]
    assert [request.path for request in made][:3] == [SECURITY, PROFILES, CHANNEL + "SMS"]
    assert made[0].json["authId"] == made[1].json["profileId"] == base
    assert made[2].json["subscriptionId"] == f"{base}-sms"


def test_bodies_say_where_what_and_for_whom(infobip, account, base):
    take_all(infobip)

    subscriptions.subscribe(account)

    bodies = [request.json for request in infobip.requests]
    security, profile, sms, whatsapp, mms, blocklist = bodies
    assert (security["type"], security["credentials"]["algorithm"]) == ("HMAC", "HMAC_SHA_256")
    assert profile["webhook"]["notifyUrl"] == current_webhook_url()
    assert profile["security"] == {"authId": base}
    assert (sms["resources"], sms["events"]) == (["385951006719"], ["INBOUND_MESSAGE", "DELIVERY"])
    assert whatsapp["resources"] == ["385951006720"]
    assert {"SEEN", "TEMPLATE_UPDATE", "IDENTITY_CHANGE"} < set(whatsapp["events"])
    assert (mms["resources"], mms["events"]) == (["385951006719"], ["INBOUND_MESSAGE"])
    assert blocklist["resources"] == ["385951006719", "385951006720"]


def test_secret_that_infobip_took_is_asked_for(infobip, account, base):
    take_all(infobip)

    subscriptions.subscribe(account)

    secret = WebhookSecret.objects.get()
    assert (secret.kind, secret.retires_at) == ("hmac", None)
    assert infobip.requests[0].json["credentials"]["secretKey"] == secret.secret


def test_second_time_the_old_secret_stays_for_a_week(infobip, account, base):
    take_all(infobip, times=2)

    subscriptions.subscribe(account)
    subscriptions.subscribe(account)

    old, new = WebhookSecret.objects.order_by("pk")
    assert timedelta(days=6) < old.retires_at - timezone.now() <= timedelta(days=7)
    assert (new.retires_at, new.secret != old.secret) == (None, True)
    assert asked(infobip)[:6] == asked(infobip)[6:]


def test_third_time_does_not_prolong_the_first(infobip, account, base):
    take_all(infobip, times=3)
    subscriptions.subscribe(account)
    WebhookSecret.objects.update(retires_at=timezone.now() + timedelta(days=1))

    subscriptions.subscribe(account)
    subscriptions.subscribe(account)

    oldest = WebhookSecret.objects.earliest("pk")
    assert oldest.retires_at - timezone.now() <= timedelta(days=1)


def test_retired_secret_is_not_kept(infobip, account, base):
    WebhookSecret.objects.create(kind="hmac", secret="retired", retires_at=timezone.now())
    take_all(infobip)

    subscriptions.subscribe(account)

    assert WebhookSecret.objects.get().secret != "retired"


def test_basic_goes_where_hmac_is_refused(infobip, account, base):
    infobip.answer(*refusal(400), path=SECURITY, times=2)
    take_all(infobip)

    assert problems(subscriptions.subscribe(account)) == {}

    secret = WebhookSecret.objects.get()
    assert secret.kind == "basic"
    assert infobip.requests[2].json == {
        "type": "BASIC",
        "credentials": {"username": "omnichat", "password": secret.secret},
    }


def test_plain_goes_where_all_security_is_refused(infobip, account, base):
    infobip.answer(*refusal(400), path=SECURITY, times=4)
    take_all(infobip)

    steps = subscriptions.subscribe(account)

    assert [step.name for step in steps if step.failed] == []
    assert WebhookSecret.objects.exists() is False
    assert "security" not in infobip.requests[4].json


def test_site_that_asks_for_signatures_never_goes_back_to_none(infobip, account, base):
    WebhookSecret.objects.create(kind="hmac", secret="old")
    infobip.answer(*refusal(400), path=SECURITY, times=4)

    steps = subscriptions.subscribe(account)

    assert [step.name for step in steps if step.failed] == ["Signature"]
    assert [secret.secret for secret in WebhookSecret.objects.all()] == ["old"]
    assert len(infobip.requests) == 4


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (401, "Infobip refuses the key."),
        (403, "The key lacks subscriptions:manage."),
        (429, "Infobip asks us to slow down."),
        (502, "Infobip failed (502)."),
    ],
)
@pytest.mark.parametrize(
    ("path", "name"), [(SECURITY, "Signature"), (PROFILES, "Address"), (CHANNEL + "SMS", "SMS")]
)
def test_failed_step_is_named_with_what_to_do(infobip, account, base, status, says, path, name):
    infobip.answer(*refusal(status), path=path)
    take_all(infobip)

    found = problems(subscriptions.subscribe(account))

    assert list(found) == [name]
    assert found[name].startswith(says)
    assert WebhookSecret.objects.exists() is False


def test_page_of_a_gateway_is_no_success(infobip, account, base):
    infobip.answer(200, "<html>Sign in</html>", path=SECURITY)

    assert list(problems(subscriptions.subscribe(account))) == ["Signature"]


def test_other_channel_is_subscribed_though_one_conflicts(infobip, account, base):
    infobip.answer(*refusal(404), path=f"{CHANNEL}SMS/")
    infobip.answer(*refusal(409), path=f"{CHANNEL}SMS")
    take_all(infobip)

    found = problems(subscriptions.subscribe(account))

    assert found["SMS"].startswith("Another subscription at Infobip has these senders.")
    assert account.subscriptions["senders"]["WHATSAPP"] == ["385951006720"]
    assert WebhookSecret.objects.exists() is False


def test_secret_in_use_is_valid_though_a_channel_failed(infobip, account, base):
    WebhookSecret.objects.create(kind="hmac", secret="old")
    infobip.answer(*refusal(403), path=f"{CHANNEL}SMS")
    take_all(infobip)

    subscriptions.subscribe(account)

    sent = infobip.requests[0].json["credentials"]["secretKey"]
    assert {secret.secret for secret in WebhookSecret.objects.valid()} == {"old", sent}


def test_secret_that_may_be_in_use_is_valid(infobip, account, base):
    WebhookSecret.objects.create(kind="hmac", secret="old")
    infobip.hang_up(path=SECURITY)

    assert list(problems(subscriptions.subscribe(account))) == ["Signature"]

    sent = infobip.requests[0].json["credentials"]["secretKey"]
    assert {secret.secret for secret in WebhookSecret.objects.valid()} == {"old", sent}


@pytest.mark.parametrize(("name", "label"), [("BLOCKLIST", "Blocklist"), ("MMS", "MMS")])
def test_what_not_every_account_has_is_no_condition(infobip, account, base, name, label):
    infobip.answer(*refusal(403), path=f"{CHANNEL}{name}")
    take_all(infobip)

    steps = subscriptions.subscribe(account)

    assert (list(problems(steps)), [step.failed for step in steps]) == ([label], [False] * 6)
    assert WebhookSecret.objects.count() == 1


def test_without_senders_nothing_is_asked(infobip, account):
    assert list(problems(subscriptions.subscribe(account))) == ["Senders"]
    assert infobip.requests == []


@pytest.mark.parametrize(
    "change",
    [
        subscriptions.subscribe,
        subscriptions.unsubscribe,
        lambda account: [subscriptions.readdress(account)],
    ],
    ids=["subscribe", "unsubscribe", "readdress"],
)
def test_two_who_change_the_subscriptions_at_once_do_not_mix(infobip, account, base, change):
    WebhookSecret.objects.create(kind="hmac", secret="in use")
    with psycopg.connect(conninfo(), autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(hashtext('subscribe'), hashtext('site_acme'))")
        found = problems(change(account))

    assert found == {
        "Subscription": "Somebody else is just changing it. Reload this page in a minute, then try"
        " again."
    }
    assert (infobip.requests, WebhookSecret.objects.count()) == ([], 1)


def test_what_another_has_subscribed_meanwhile_is_removed(infobip, account, base):
    opened_before = ProviderAccount.objects.get()
    take_all(infobip)
    subscriptions.subscribe(account)
    take_all(infobip)

    subscriptions.unsubscribe(opened_before)

    removed = [request.path for request in infobip.requests if request.method == "DELETE"]
    assert f"{CHANNEL}SMS/{base}-sms" in removed


def test_new_sender_makes_a_subscription_outdated(infobip, account, base):
    take_all(infobip)
    subscriptions.subscribe(account)
    assert subscriptions.is_outdated(account) is False

    SenderFactory(number="385951006777")

    assert subscriptions.is_outdated(account) is True


def test_new_address_is_given_without_a_new_secret(infobip, account, base):
    take_all(infobip)
    subscriptions.subscribe(account)
    replace_webhook_url()
    infobip.answer(200, {})

    assert subscriptions.readdress(account).problem == ""

    assert infobip.requests[-1].json["webhook"]["notifyUrl"] == current_webhook_url()
    assert infobip.requests[-1].json["security"] == {"authId": base}
    assert WebhookSecret.objects.count() == 1


@pytest.mark.parametrize(("status", "outdated"), [(200, False), (503, True)])
def test_address_that_did_not_arrive_makes_a_subscription_outdated(
    infobip, account, base, status, outdated
):
    take_all(infobip)
    subscriptions.subscribe(account)
    replace_webhook_url()
    infobip.answer(status, {})

    subscriptions.readdress(account)

    account.refresh_from_db()
    assert subscriptions.is_outdated(account) is outdated


def test_removal_goes_from_subscriptions_to_security(infobip, account, base):
    take_all(infobip)
    subscriptions.subscribe(account)
    infobip.requests.clear()
    infobip.answer(200, {}, times=2)
    infobip.answer(404, times=1)
    infobip.answer(204, times=3)

    assert problems(subscriptions.unsubscribe(account)) == {}

    paths = [path for _method, path in asked(infobip)]
    assert {method for method, _path in asked(infobip)} == {"DELETE"}
    assert paths[4:] == [f"{PROFILES}/{base}", f"{SECURITY}/{base}"]
    assert all(path.startswith(CHANNEL) for path in paths[:4])
    assert (account.subscriptions, WebhookSecret.objects.count()) == ({}, 0)


def test_signatures_are_asked_for_no_longer_though_the_removal_failed(infobip, account, base):
    take_all(infobip)
    subscriptions.subscribe(account)
    infobip.answer(*refusal(403), times=4)

    assert set(problems(subscriptions.unsubscribe(account))) == {
        "SMS",
        "WhatsApp",
        "MMS",
        "Blocklist",
    }
    assert WebhookSecret.objects.exists() is False


def test_each_site_has_its_own_ids_and_secret(infobip, account, base, globex):
    take_all(infobip, times=2)
    subscriptions.subscribe(account)

    with tenant_context(globex):
        SenderFactory(number="385951006999")
        subscriptions.subscribe(ProviderAccountFactory(base_url=infobip.url))

    first, second = infobip.requests[0], infobip.requests[6]
    assert first.path != second.path
    assert first.json["credentials"] != second.json["credentials"]
