"""Testing an account: what Infobip says of the key, of its rights, and of each sender."""

import pytest
from django.db import connection
from django.utils import timezone

from channels import senders, tasks
from channels.infobip import account as provider
from channels.models import ProviderAccount
from conversations.errors import TemporaryFailure
from conversations.models import OutboxEntry, Sender
from tenants.context import tenant_context
from tests.factories import ProviderAccountFactory, SenderFactory

pytestmark = pytest.mark.django_db

SMS = {"number": "385951006719", "capabilities": ["SMS", "VOICE"]}
BOTH = {"number": "+385951006720", "capabilities": ["SMS", "WHATSAPP"]}
PROBES = ("/whatsapp/1/templates", "/sms/3/logs", "/subscriptions/", "/platform/1/blocklists")


@pytest.fixture(autouse=True)
def no_pause(monkeypatch):
    monkeypatch.setattr(provider, "BETWEEN_PAGES", 0)


def refuse(status, text="Forbidden"):
    return status, {"requestError": {"serviceException": {"messageId": "X", "text": text}}}


def quality(number, rating="HIGH", status="CONNECTED"):
    limit = "LIMIT_1K"
    return {"sender": number, "qualityRating": rating, "status": status, "currentLimit": limit}


def answer_well(infobip, *numbers, qualities=()):
    infobip.answer(200, {"balance": 1.5, "currency": "EUR"}, path="/account/1/balance")
    for path in PROBES:
        infobip.answer(200, {"results": []}, path=path)
    answer = {"numbers": list(numbers), "numberCount": len(numbers)}
    infobip.answer(200, answer, path="/numbers/1/numbers")
    infobip.answer(200, {"results": list(qualities)}, path="/whatsapp/1/senders/quality")


def test_good_key_finds_its_senders(infobip, account):
    answer_well(infobip, SMS, BOTH, qualities=[quality("385951006720", "MEDIUM")])

    result = senders.test_account(account)

    assert (result["outcome"], senders.told(result)) == ("works", "The key works. 3 senders found.")
    assert result["senders"] == [
        {"channel": "sms", "number": "385951006719", "quality": ""},
        {"channel": "sms", "number": "385951006720", "quality": ""},
        {"channel": "whatsapp", "number": "385951006720", "quality": "medium"},
    ]
    account.refresh_from_db()
    assert account.test_result == result


@pytest.mark.parametrize(
    "changed", [{"key_set_at": timezone.now()}, {"base_url": "https://api.infobip.com"}]
)
def test_answer_about_a_key_that_was_changed_meanwhile_is_not_kept(infobip, account, changed):
    answer_well(infobip, SMS)
    ProviderAccount.objects.update(**changed)

    senders.test_account(account)

    assert ProviderAccount.objects.get().test_result == {}


def test_only_what_changes_nothing_is_asked(infobip, account):
    answer_well(infobip, SMS)

    senders.test_account(account)

    assert {request.method for request in infobip.requests} == {"GET"}
    assert [path for path in infobip.paths if "inbox" in path or "reports" in path] == []


def test_refused_key_is_said(infobip, account):
    infobip.answer(*refuse(401, "Invalid login details"))

    result = senders.test_account(account)

    assert (result["outcome"], result["code"]) == ("refused", "401")
    assert senders.told(result).startswith("Infobip refuses the key (401). Copy it again")
    assert infobip.paths == ["/account/1/balance"]


def test_key_without_a_right_is_not_a_refused_key(infobip, account):
    infobip.answer(*refuse(403), path="/account/1/balance")
    infobip.answer(*refuse(403), path="/subscriptions/")
    answer_well(infobip, SMS)

    result = senders.test_account(account)

    assert (result["outcome"], result["lacking"]) == ("works", ["subscriptions:manage"])
    assert result["untried"] == ["message:send", "inbound-message:read"]


def test_key_that_may_nothing_says_so(infobip, account):
    infobip.answer(*refuse(403), times=9)

    result = senders.test_account(account)

    assert result["lacking"] == [
        "whatsapp:manage",
        "sms:logs:read",
        "numbers:manage",
        "subscriptions:manage",
        "blocklist:manage",
    ]
    assert senders.told(result).endswith("It may not list your numbers: add them under Senders.")


@pytest.mark.parametrize(
    ("status", "body", "text"),
    [
        (429, "", "Infobip asks us to slow down."),
        (502, "<html>Bad gateway</html>", "Infobip failed (502)."),
        (200, "<html>Welcome</html>", "Infobip's answer cannot be read."),
    ],
)
def test_answer_that_says_nothing_of_the_key_is_no_refusal(infobip, account, status, body, text):
    infobip.answer(status, body)

    result = senders.test_account(account)

    assert result["outcome"] == "unreached"
    assert senders.told(result).startswith(text)


def test_numbers_are_read_page_by_page(infobip, account):
    rows = [{"number": f"38595100{n:04}", "capabilities": ["SMS"]} for n in range(120)]
    for start in range(0, 120, 50):
        answer = {"numbers": rows[start : start + 50], "numberCount": 120}
        infobip.answer(200, answer, path="/numbers/1/numbers")

    found = senders.numbers(account)

    assert [one.number for one in found] == [row["number"] for row in rows]
    assert [path.rpartition("=")[2] for path in infobip.paths] == ["0", "1", "2"]


@pytest.mark.parametrize("odd", [{"numbers": None}, {"numbers": [None, {}]}, {}])
def test_odd_list_of_numbers_is_empty(infobip, account, odd):
    infobip.answer(200, odd)

    assert senders.numbers(account) == []


def test_each_sender_is_told_how_it_stands(infobip, account):
    SenderFactory(number="385951006719")
    SenderFactory(number="385951006799")
    SenderFactory(number="InfoSMS")
    SenderFactory(channel="whatsapp", number="385951006720")
    SenderFactory(channel="whatsapp", number="385951006721")
    answer_well(infobip, SMS, qualities=[quality("385951006720", "LOW", "BANNED")])

    senders.test_account(account)

    stands = Sender.objects.values_list("number", "provider_state", "quality", "daily_limit")
    assert list(stands) == [
        ("385951006719", "connected", "", ""),
        ("385951006799", "not-in-account", "", ""),
        ("InfoSMS", "", "", ""),
        ("385951006720", "banned", "low", "1k"),
        ("385951006721", "not-in-account", "", ""),
    ]


def test_sender_that_cannot_be_asked_about_is_not_said_to_be_missing(infobip, account):
    SenderFactory(channel="whatsapp", number="385951006720")
    infobip.answer(*refuse(400), path="/whatsapp/1/senders/quality")
    answer_well(infobip)

    senders.test_account(account)

    assert Sender.objects.get().provider_state == ""


def test_hourly_look_keeps_the_last_result_while_nobody_answers(infobip, account):
    infobip.answer(502, "<html/>")
    account.test_result = {"outcome": "works"}
    account.save()

    with pytest.raises(TemporaryFailure):
        senders.check_senders(None)

    account.refresh_from_db()
    assert account.test_result == {"outcome": "works"}


def test_number_that_no_sender_could_have_is_not_offered(infobip, account):
    answer_well(infobip, SMS, {"number": "3" * 25, "capabilities": ["SMS"]})

    result = senders.test_account(account)

    assert [found["number"] for found in result["senders"]] == ["385951006719"]


def test_every_site_with_an_account_is_looked_at_once(acme, globex):
    ProviderAccountFactory()

    assert [tasks.watch_providers(), tasks.watch_providers()] == [1, 1]

    with tenant_context(acme):
        assert OutboxEntry.objects.filter(topic="senders.check").count() == 1
    with tenant_context(globex):
        assert OutboxEntry.objects.count() == 0


def test_site_whose_key_cannot_be_read_keeps_no_other_from_being_looked_at(acme, globex):
    for site in (acme, globex):
        with tenant_context(site):
            ProviderAccountFactory()
    with tenant_context(acme), connection.cursor() as cursor:
        cursor.execute("UPDATE channels_provideraccount SET api_key = 'of another secret'")

    assert tasks.watch_providers() == 1

    with tenant_context(globex):
        assert OutboxEntry.objects.filter(topic="senders.check").exists()
