"""What lets a request to the webhook in: HMAC, Basic, two of each, and what never does."""

import gzip
import hmac
import json
from base64 import b64encode
from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from threading import Thread
from types import SimpleNamespace

import pytest
from cryptography.fernet import Fernet
from django.db import DatabaseError, connection
from django.utils import timezone
from prometheus_client import REGISTRY

from channels import signatures, webhook_records
from channels.models import ProviderAccount, WebhookRefusal, WebhookSecret
from conversations.models import InboxEntry
from tenants.context import tenant_context
from tests.factories import ProviderAccountFactory

pytestmark = pytest.mark.django_db

BODY = b'{"results": [ {"messageId":"m-1","from":"385991903327","text":"\\u0061"} ]}'
SECRET = "first-secret-of-the-tests"
OTHER = "second-secret-of-the-tests"


@pytest.fixture
def address(acme):
    return f"/hooks/infobip/{acme.inbound_keys.latest('pk').key}/"


@pytest.fixture
def secret(acme):
    return WebhookSecret.objects.create(kind="hmac", secret=SECRET)


@pytest.fixture
def clock(monkeypatch):
    """The clock of this process, stopped; tests move it."""
    clock = SimpleNamespace(now=1000.0)
    monkeypatch.setattr(signatures, "monotonic", lambda: clock.now)
    monkeypatch.setattr(webhook_records, "monotonic", lambda: clock.now)
    return clock


def digest(body=BODY, secret=SECRET):
    return hmac.new(secret.encode(), body, sha256).hexdigest()


def post(client, address, body=BODY, **headers):
    return client.post(address, body, content_type="application/json", headers=headers).status_code


def kept(site):
    with tenant_context(site):
        return InboxEntry.objects.count()


def refused(reason):
    return REGISTRY.get_sample_value("omnichat_webhook_refused_total", {"reason": reason}) or 0


@pytest.mark.parametrize(
    "signature",
    [
        "SHA256={}",
        "sha256={}",
        "Sha256={}",
        "{}",
        " SHA256={} ",
        "SHA256=00,SHA256={}",
    ],
)
@pytest.mark.parametrize("case", [str.lower, str.upper])
def test_signed_request_is_kept(client, acme, address, secret, signature, case):
    assert post(client, address, x_hub_signature=signature.format(case(digest()))) == 200
    assert kept(acme) == 1


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "SHA256=",
        "=",
        "SHA256=" + "0" * 64,
        "SHA1={right}",
        "SHA512={right}",
        "SHA256={right}0",
        "{short}",
        "Ω{right}",
        "SHA256={other}",
        b64encode(bytes.fromhex(digest())).decode(),
    ],
)
def test_request_with_a_wrong_signature_is_refused(client, acme, address, secret, signature):
    given = signature.format(right=digest(), short=digest()[:32], other=digest(secret=OTHER))

    assert post(client, address, x_hub_signature=given) == 401
    assert kept(acme) == 0


def test_request_without_a_signature_is_refused_and_counted(client, acme, address, secret):
    before = refused("signature-missing")

    assert post(client, address) == 401
    assert refused("signature-missing") == before + 1
    assert webhook_records._uncounted == {("site_acme", "signature-missing"): 1}
    assert kept(acme) == 0


def test_signature_is_of_the_bytes_as_they_came(client, acme, address, secret):
    again = json.dumps(json.loads(BODY)).encode()

    assert post(client, address, x_hub_signature=digest(again)) == 401
    assert post(client, address, body=again, x_hub_signature=digest(BODY)) == 401


def test_empty_body_needs_its_own_signature(client, acme, address, secret):
    assert post(client, address, body=b"", x_hub_signature=digest()) == 401
    assert post(client, address, body=b"", x_hub_signature=digest(b"")) == 200


def test_signature_is_compared_in_constant_time(client, acme, address, secret, monkeypatch):
    compared = []
    real = hmac.compare_digest
    monkeypatch.setattr(
        signatures.hmac, "compare_digest", lambda *pair: compared.append(pair) or real(*pair)
    )

    assert post(client, address, x_hub_signature=digest()) == 200
    assert compared == [(digest().encode(), digest().encode())]


def test_header_is_the_accounts(client, acme, address, secret):
    ProviderAccountFactory(signature_header="X-Own-Signature")

    assert post(client, address, x_hub_signature=digest()) == 401
    assert post(client, address, x_own_signature=digest()) == 200


@pytest.mark.parametrize(("given", "status"), [(SECRET, 200), (OTHER, 401), ("", 401)])
def test_basic_credentials_are_asked_for(client, acme, address, given, status):
    WebhookSecret.objects.create(kind="basic", username="omnichat", secret=SECRET)
    encoded = b64encode(f"omnichat:{given}".encode()).decode()

    assert post(client, address, authorization=f"Basic {encoded}") == status
    assert post(client, address, authorization=f"basic  {encoded}") == status


@pytest.mark.parametrize("value", ["Basic", "Basic ***", "Bearer x", "App x", "Basic ключ", ","])
def test_what_is_no_basic_authorization_is_refused(client, acme, address, value):
    WebhookSecret.objects.create(kind="basic", username="omnichat", secret=SECRET)

    assert post(client, address, authorization=value) == 401


def test_two_secrets_are_valid_while_one_replaces_the_other(client, acme, address, secret):
    WebhookSecret.objects.update(retires_at=timezone.now() + timedelta(days=7))
    WebhookSecret.objects.create(kind="hmac", secret=OTHER)

    assert post(client, address, x_hub_signature=digest()) == 200
    assert post(client, address, x_hub_signature=digest(secret=OTHER)) == 200


def test_retired_secret_lets_nobody_in(client, acme, address, secret):
    WebhookSecret.objects.update(retires_at=timezone.now())
    WebhookSecret.objects.create(kind="hmac", secret=OTHER)

    assert post(client, address, x_hub_signature=digest()) == 401


def test_site_whose_secrets_have_all_retired_asks_for_the_key_only(client, acme, address, secret):
    WebhookSecret.objects.update(retires_at=timezone.now())

    assert post(client, address) == 200


def test_new_secret_is_known_within_a_second(client, acme, address, secret, clock):
    assert post(client, address, x_hub_signature=digest()) == 200
    with tenant_context(acme):
        WebhookSecret.objects.create(kind="hmac", secret=OTHER)
    clock.now += signatures.FRESH_SECONDS

    assert post(client, address, x_hub_signature=digest(secret=OTHER)) == 200


def test_removed_secrets_are_asked_for_no_longer(client, acme, address, secret, clock):
    assert post(client, address, x_hub_signature=digest()) == 200
    with tenant_context(acme):
        WebhookSecret.objects.all().delete()
    clock.now += signatures.FRESH_SECONDS

    assert post(client, address) == 200


def test_flood_of_wrong_signatures_reads_the_secrets_once(
    client, address, secret, clock, django_assert_num_queries
):
    post(client, address)

    with django_assert_num_queries(0):
        assert {post(client, address) for _ in range(20)} == {401}


def test_signed_request_costs_one_statement(
    client, address, secret, statements, django_assert_num_queries
):
    post(client, address, x_hub_signature=digest())
    statements.clear()

    with django_assert_num_queries(0):
        assert post(client, address, body=b"[1]", x_hub_signature=digest(b"[1]")) == 200
    assert len(statements) == 1


def test_one_sites_secret_does_not_open_the_other(client, acme, globex, address, secret):
    with tenant_context(globex):
        WebhookSecret.objects.create(kind="hmac", secret=OTHER)
    other_address = f"/hooks/infobip/{globex.inbound_keys.latest('pk').key}/"

    assert post(client, other_address, x_hub_signature=digest()) == 401
    assert post(client, address, x_hub_signature=digest(secret=OTHER)) == 401
    assert (kept(acme), kept(globex)) == (0, 0)


def test_secret_of_one_site_is_not_asked_of_the_other(client, acme, globex, secret):
    address = f"/hooks/infobip/{globex.inbound_keys.latest('pk').key}/"

    assert post(client, address) == 200
    assert kept(globex) == 1


def test_secret_that_cannot_be_decrypted_refuses_and_loses_nothing(client, acme, address, secret):
    foreign = Fernet(Fernet.generate_key()).encrypt(b"x").decode()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE site_acme.channels_webhooksecret SET secret = %s", [foreign])

    assert post(client, address, x_hub_signature=digest()) == 503
    assert kept(acme) == 0


def test_packed_body_is_unpacked(client, acme, address):
    assert post(client, address, body=gzip.compress(BODY), content_encoding="gzip") == 200
    with tenant_context(acme):
        entry = InboxEntry.objects.get()
        assert (entry.state, json.loads(bytes(entry.body))["messageId"]) == ("new", "m-1")


@pytest.mark.parametrize("signed", ["packed", "unpacked"])
def test_packed_body_may_be_signed_before_or_after(client, acme, address, secret, signed):
    packed = gzip.compress(BODY)
    right = digest(packed if signed == "packed" else BODY)

    headers = {"content_encoding": "gzip", "x_hub_signature": right}
    assert post(client, address, body=packed, **headers) == 200


def test_body_that_a_proxy_has_unpacked_is_read(client, acme, address):
    assert post(client, address, content_encoding="gzip") == 200
    assert kept(acme) == 1


@pytest.mark.parametrize(
    ("body", "encoding", "status"),
    [
        (gzip.compress(BODY)[:-9], "gzip", 400),
        (gzip.compress(BODY) + gzip.compress(BODY), "gzip", 400),
        (b"\x1f\x8b nonsense", "gzip", 400),
        (BODY, "br", 415),
        (gzip.compress(b"0" * (9 * 1024 * 1024)), "gzip", 413),
        (b"0" * (9 * 1024 * 1024), "", 413),
    ],
    ids=["cut short", "two of them", "not packed", "packed otherwise", "bomb", "too long"],
)
def test_body_that_cannot_be_read_comes_again(client, acme, address, body, encoding, status):
    assert post(client, address, body=body, content_encoding=encoding) == status
    assert kept(acme) == 0


def in_chunks(client, address, body, **environ):
    environ |= {"CONTENT_LENGTH": "", "wsgi.input": BytesIO(body)}
    headers = {"transfer-encoding": "chunked"}
    return client.generic("POST", address, headers=headers, **environ).status_code


def test_body_in_chunks_is_read_where_the_server_knows_its_end(client, acme, address):
    assert in_chunks(client, address, BODY, **{"wsgi.input_terminated": True}) == 200
    with tenant_context(acme):
        assert InboxEntry.objects.get().state == "new"


@pytest.mark.parametrize(
    ("size", "environ", "status"),
    [(10, {}, 411), (9 * 1024 * 1024, {"wsgi.input_terminated": True}, 413)],
)
def test_body_in_chunks_without_an_end_comes_again(client, acme, address, size, environ, status):
    assert in_chunks(client, address, b"0" * size, **environ) == status
    assert kept(acme) == 0


@pytest.mark.django_db(transaction=True)
def test_refusals_are_counted_by_day_and_reason(acme):
    for reason in ("signature-missing", "signature-wrong", "signature-missing"):
        webhook_records.count_refusal("site_acme", reason)

    subjects = [(("site_acme", "signature-missing"), 0), (("site_acme", "signature-wrong"), 0)]
    webhook_records._write_refusals(subjects)
    webhook_records.count_refusal("site_acme", "signature-wrong")
    webhook_records._write_refusals(subjects[1:])

    rows = WebhookRefusal.objects.values_list("day", "reason", "count")
    today = timezone.now().date()
    assert list(rows) == [(today, "signature-missing", 2), (today, "signature-wrong", 2)]


def test_refusals_of_many_threads_are_all_counted():
    threads = [
        Thread(
            target=lambda: [
                webhook_records.count_refusal("site_acme", "encoding") for _ in range(500)
            ]
        )
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert webhook_records._uncounted == {("site_acme", "encoding"): 4000}


@pytest.mark.django_db(transaction=True)
def test_counts_that_could_not_be_written_are_kept():
    webhook_records.count_refusal("site_gone", "encoding")

    with pytest.raises(DatabaseError):
        webhook_records._write_refusals([(("site_gone", "encoding"), 0)])

    assert webhook_records._uncounted == {("site_gone", "encoding"): 1}


@pytest.mark.django_db(transaction=True)
def test_call_is_noted_at_the_sites_account(client, acme, globex, address):
    with tenant_context(globex):
        ProviderAccountFactory()
    ProviderAccountFactory()

    webhook_records._write_calls([("site_acme", 0)])

    assert timezone.now() - ProviderAccount.objects.get().heard_at < timedelta(minutes=1)
    with tenant_context(globex):
        assert ProviderAccount.objects.get().heard_at is None


def test_calls_are_noted_once_a_minute(client, address, clock, monkeypatch):
    noted = []
    monkeypatch.setattr(webhook_records._calls, "add", noted.append)

    assert [post(client, address) for _ in range(3)] == [200] * 3
    clock.now += webhook_records.BETWEEN_TOUCHES
    post(client, address)

    assert noted == ["site_acme"] * 2
