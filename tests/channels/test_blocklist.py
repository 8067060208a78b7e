"""The provider's blocklist as second truth: who is blocked there, and who has opted in here."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from channels import blocklist, tasks
from conversations import outbox
from conversations.contracts import Channel, ConsentChange, Promise
from conversations.errors import NotYetItsTurn, PermanentFailure, TemporaryFailure, UnknownOutcome
from conversations.models import Address, AuditEvent, OutboxEntry
from conversations.services.consent import take_consent
from conversations.services.inbound import receive_message
from tenants.context import tenant_context
from tests.conversations.concurrency import together
from tests.factories import (
    AddressFactory,
    InboundMessageFactory,
    ProviderAccountFactory,
    SenderFactory,
)

pytestmark = pytest.mark.django_db

PATH = "/platform/1/blocklists"
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
NUMBER = "385991903327"
SMS, WHATSAPP = "385951006719", "385951006720"
CHECK, RELEASE = "blocklist.check", "blocklist.release"


@pytest.fixture(autouse=True)
def _senders(account, monkeypatch):
    SenderFactory(number=SMS)
    SenderFactory(channel=Channel.WHATSAPP, number=WHATSAPP)
    monkeypatch.setattr(blocklist, "BETWEEN_QUESTIONS", 0)


@pytest.fixture
def customer():
    return say("Hello").address


def say(text, *, minute=0, **fields):
    at = NOON + timedelta(minutes=minute)
    return receive_message(InboundMessageFactory(text=text, occurred_at=at, **fields))


def told(*, opted_in, minute, marketing_only=False):
    at = NOON + timedelta(minutes=minute)
    take_consent(ConsentChange(Channel.SMS, NUMBER, SMS, at, opted_in, marketing_only))


def row(*, minute=1, **changes):
    created = (NOON + timedelta(minutes=minute)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    said = {
        "sender": SMS,
        "destination": NUMBER,
        "sourceType": "MO",
        "channel": "SMS",
        "createdDate": created,
    }
    return {name: value for name, value in (said | changes).items() if value is not None}


def promise(topic, subject, *, has_turn=True):
    return Promise(topic, str(subject), 1, timezone.now(), has_turn=has_turn)


def check(infobip, *rows, **paging):
    infobip.answer(200, {"results": list(rows)} | paging, path=PATH)
    blocklist.check_list(promise(CHECK, "all"))


def release(infobip, address, *rows, status=202):
    """Release an address of whom Infobip lists these; returns what was asked to be taken off."""
    infobip.answer(200, {"results": list(rows)}, path=PATH)
    infobip.answer(status, "", path=PATH)
    blocklist.release(promise(RELEASE, address.pk))
    return [
        entry
        for request in infobip.requests
        if request.method == "DELETE"
        for entry in request.json["blocklist"]
    ]


def out(**where):
    return set(
        Address.objects.filter(**where)
        .exclude(opted_out_at=None)
        .values_list("channel", "opted_out_by")
    )


def test_blocked_customer_is_opted_out_since_the_block(infobip, customer):
    check(infobip, row())

    customer.refresh_from_db()
    assert customer.opted_out_at == NOON + timedelta(minutes=1)
    assert out() == {("sms", "provider")}


@pytest.mark.parametrize(
    ("changes", "channels"),
    [
        ({"channel": None}, {"sms"}),
        ({"channel": "MMS"}, {"sms"}),
        ({"sender": None}, {"sms"}),
        ({"sender": None, "channel": None}, {"sms", "whatsapp"}),
        ({"sender": f"+{SMS}"}, {"sms"}),
        ({"sender": WHATSAPP, "channel": "WHATSAPP"}, {"whatsapp"}),
        ({"sender": WHATSAPP, "channel": "SMS"}, set()),
        ({"sender": "385950000000"}, set()),
        ({"channel": "EMAIL"}, set()),
        ({"channel": "SOMETHING_NEW"}, set()),
        ({"destination": None}, set()),
        ({"destination": "iva@example.com"}, set()),
        ({"destination": "385991900000"}, set()),
        ({"sourceType": None}, {"sms"}),
        ({"createdDate": None}, {"sms"}),
        ({"createdDate": "soon"}, {"sms"}),
    ],
)
def test_only_blocks_that_concern_our_senders_and_customers_count(
    infobip, customer, changes, channels
):
    check(infobip, row(**changes))

    assert out() == {(channel, "provider") for channel in channels}
    assert Address.objects.exclude(phone_number__key=NUMBER).exists() is False


@pytest.mark.parametrize("answer", [{}, {"results": None}, {"results": [None, {}, 5]}])
def test_odd_list_is_empty(infobip, customer, answer):
    infobip.answer(200, answer, path=PATH)

    blocklist.check_list(promise(CHECK, "all"))

    assert out() == set()


def test_list_that_names_nobody_opts_nobody_in(infobip, customer):
    say("STOP", minute=1)

    check(infobip)

    assert out() == {("sms", "customer")}


def test_second_look_changes_nothing(infobip, customer):
    check(infobip, row())
    events = AuditEvent.objects.count()

    check(infobip, row())

    assert AuditEvent.objects.count() == events


@pytest.mark.parametrize("changes", [{}, {"createdDate": None}, {"createdDate": "soon"}])
def test_word_that_is_newer_than_the_block_stands(infobip, customer, changes):
    say("START", minute=2)

    check(infobip, row(**changes))

    assert out() == set()


def test_block_that_is_newer_than_the_word_counts(infobip, customer):
    say("START", minute=2)

    check(infobip, row(minute=3))

    assert out() == {("sms", "provider")}


def test_list_is_read_page_by_page_in_promises(infobip, customer):
    paging = {"page": 0, "size": 1000, "totalPages": 2, "totalResults": 1001}
    check(infobip, row(destination="385991900000"), paging=paging)
    (more,) = OutboxEntry.objects.filter(topic=CHECK)
    infobip.answer(200, {"results": [row()], "paging": paging | {"page": 1}}, path=PATH)

    blocklist.check_list(promise(CHECK, more.subject))

    asked = [parse_qs(urlsplit(path).query) for path in infobip.paths]
    assert asked == [{"page": ["0"], "size": ["1000"]}, {"page": ["1"], "size": ["1000"]}]
    assert OutboxEntry.objects.filter(topic=CHECK).count() == 1
    assert out() == {("sms", "provider")}


def test_without_paging_a_full_page_has_a_next(infobip):
    check(infobip, *(row(destination=f"38599{n:07}") for n in range(1000)))

    assert OutboxEntry.objects.get(topic=CHECK).subject == "1"


def test_pages_keep_the_pace_of_one_a_second(infobip):
    infobip.answer(200, {"results": []}, path=PATH, times=2)
    blocklist.check_list(promise(CHECK, "all", has_turn=False))

    with pytest.raises(NotYetItsTurn):
        blocklist.check_list(promise(CHECK, 1, has_turn=False))

    assert len(infobip.requests) == 1


@pytest.mark.parametrize("status", [401, 403])
def test_key_that_may_not_ask_is_no_alarm(infobip, customer, status):
    infobip.answer(status, {"requestError": {}}, path=PATH)

    blocklist.check_list(promise(CHECK, "all"))

    assert out() == set()


@pytest.mark.parametrize(
    ("status", "failure"),
    [(400, PermanentFailure), (429, TemporaryFailure), (500, TemporaryFailure)],
)
def test_list_that_cannot_be_read_fails(infobip, status, failure):
    infobip.answer(status, "", path=PATH)

    with pytest.raises(failure):
        blocklist.check_list(promise(CHECK, "all"))


def test_every_site_with_an_account_asks_each_hour(acme, globex):
    with tenant_context(globex):
        ProviderAccountFactory()

    tasks.watch_providers()

    for site in (acme, globex):
        with tenant_context(site):
            assert OutboxEntry.objects.filter(topic=CHECK).count() == 1


def test_list_of_one_site_says_nothing_in_another(infobip, customer, globex):
    with tenant_context(globex):
        there = AddressFactory(phone_number__key=NUMBER)

    check(infobip, row())

    with tenant_context(globex):
        there.refresh_from_db()
        assert there.opted_out_at is None


@pytest.mark.parametrize("text", ["START", "unstop."])
def test_opting_in_promises_to_lift_the_block(customer, text):
    say("STOP", minute=1)

    say(text, minute=2)

    assert OutboxEntry.objects.get(topic=RELEASE).subject == str(customer.pk)


@pytest.mark.parametrize("text", ["STOP", "Hello", "please START"])
def test_other_words_promise_nothing(customer, text):
    say(text, minute=1)

    assert OutboxEntry.objects.filter(topic=RELEASE).exists() is False


def test_unblocking_at_the_provider_promises_to_lift_what_is_left(customer):
    told(opted_in=False, minute=1)

    told(opted_in=True, minute=2)
    told(opted_in=True, minute=3)

    assert OutboxEntry.objects.filter(topic=RELEASE).count() == 1


def test_start_over_and_over_is_one_promise(customer):
    for minute in range(1, 4):
        say("START", minute=minute)

    assert OutboxEntry.objects.filter(topic=RELEASE).count() == 1


def test_marketing_has_no_block(customer):
    told(opted_in=False, minute=1, marketing_only=True)

    told(opted_in=True, minute=2, marketing_only=True)

    assert OutboxEntry.objects.filter(topic=RELEASE).exists() is False


def test_customer_whose_block_we_never_heard_of_is_released_too(customer):
    say("START", minute=1)

    assert OutboxEntry.objects.filter(topic=RELEASE).count() == 1


def test_blocks_of_our_senders_are_lifted_by_their_properties(infobip, customer):
    say("START", minute=2)

    lifted = release(
        infobip,
        customer,
        row(),
        row(channel=None, sourceType="CUSTOM"),
        row(sender=None),
        row(sender="385950000000"),
        row(sender=WHATSAPP, channel="WHATSAPP"),
        row(destination="385991900000"),
    )

    to = {"destinations": [{"to": NUMBER}]}
    assert lifted == [
        to | {"sender": SMS, "channel": "SMS", "sourceType": "MO"},
        to | {"sender": SMS, "sourceType": "CUSTOM"},
        to | {"channel": "SMS", "sourceType": "MO"},
    ]


def test_customer_who_is_not_blocked_has_nothing_lifted(infobip, customer):
    say("START", minute=2)

    assert release(infobip, customer) == []
    assert [request.path for request in infobip.requests] == [
        f"{PATH}?destination={NUMBER}&size=1000"
    ]


def test_all_variants_of_a_number_are_released(infobip):
    address = say("Hello", address="5215512345678").address
    say("START", minute=2, address="525512345678")
    infobip.answer(200, {"results": [row(destination="5215512345678")]}, path=PATH)

    lifted = release(infobip, address, row(destination="525512345678"))

    assert [entry["destinations"][0]["to"] for entry in lifted] == ["5215512345678", "525512345678"]


def test_block_that_came_after_the_word_opts_out_instead(infobip, customer):
    say("START", minute=2)

    assert release(infobip, customer, row(), row(minute=3, sourceType="URL_OPT_OUT")) == []
    assert out() == {("sms", "provider")}


def test_customer_who_has_said_stop_since_stays_blocked(infobip, customer):
    say("START", minute=2)
    say("STOP", minute=3)

    assert release(infobip, customer, row()) == []
    assert infobip.requests == []


def test_stop_between_question_and_lifting_keeps_the_block(infobip, customer, monkeypatch):
    say("START", minute=2)
    monkeypatch.setattr(blocklist, "sleep", lambda _seconds: say("STOP", minute=3))

    assert release(infobip, customer, row()) == []


def test_block_of_the_whole_account_is_left_and_said(infobip, customer):
    say("START", minute=2)

    with pytest.raises(PermanentFailure, match="Take it off in Infobip's portal"):
        release(infobip, customer, row(), row(sender=None, sourceType="CUSTOM"))

    (deletion,) = [request for request in infobip.requests if request.method == "DELETE"]
    assert [entry.get("sender") for entry in deletion.json["blocklist"]] == [SMS]


def test_key_that_may_not_lift_is_said(infobip, customer):
    infobip.answer(403, "", path=PATH)

    with pytest.raises(PermanentFailure, match="blocklist:manage"):
        blocklist.release(promise(RELEASE, _released(customer).pk))


def test_lifting_without_an_answer_is_tried_again(infobip, customer):
    infobip.answer(200, {"results": [row()]}, path=PATH)
    infobip.hang_up(path=PATH)

    with pytest.raises(UnknownOutcome):
        blocklist.release(promise(RELEASE, _released(customer).pk))


def test_failed_release_keeps_nothing_else_and_says_so(infobip, customer):
    infobip.answer(403, "", path=PATH)
    say("START", minute=2)

    outbox.drain()

    entry = OutboxEntry.objects.get(topic=RELEASE)
    assert entry.state == "dead"
    assert "blocklist:manage" in entry.last_error
    assert NUMBER not in f"{entry.last_error}{entry.subject}{entry.group}"


def test_without_an_account_nothing_is_asked(infobip, customer, account):
    account.delete()

    blocklist.check_list(promise(CHECK, "all"))
    blocklist.release(promise(RELEASE, _released(customer).pk))

    assert infobip.requests == []


@pytest.mark.django_db(transaction=True)
def test_list_and_words_at_once_end_with_the_newest(infobip, customer):
    infobip.answer(200, {"results": [row(minute=5)]}, path=PATH, times=4)

    together(
        *[lambda: blocklist.check_list(promise(CHECK, "all"))] * 4,
        *(lambda n=n: say("START", minute=n, provider_id=f"start-{n}") for n in (3, 4, 6)),
    )

    assert out() == set()
    assert Address.objects.get().consent_at == NOON + timedelta(minutes=6)


def _released(customer):
    say("START", minute=2)
    return customer
