"""The console's list of conversations: searched and filtered, quick however many there are."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from conversations.models import AgentProfile, AuditEvent
from logins.roles import Role
from tests.consoles import client_of, owners_client
from tests.factories import ConversationFactory, MessageFactory, PhoneNumberFactory, SendFactory

pytestmark = pytest.mark.django_db

LIST = "/admin/conversations/conversation/"
NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
MANY = 5_000


def test_list_says_who_what_and_when():
    conversation = ConversationFactory(issue_key="SUP-7", customer__name="Marko Horvat")
    for _number in range(3):
        MessageFactory(conversation=conversation)

    page = owners_client().get(LIST).content.decode()

    for shown in ("SUP-7", "Marko Horvat", "Active", "SMS", ">3<", "just now"):
        assert shown in page


def test_request_leads_to_jira_too(acme):
    ConversationFactory(issue_key="SUP-7")

    page = owners_client().get(LIST).content.decode()

    assert f'href="{acme.url}/browse/SUP-7"' in page


def test_customer_without_a_name_is_shown_by_a_masked_number():
    number = PhoneNumberFactory(key="385991903327")
    ConversationFactory(customer=number.customer)

    page = owners_client().get(LIST).content.decode()

    assert "+385 99 190 ••27" in page
    assert "385991903327" not in page


def test_newest_is_first():
    old = ConversationFactory(last_message_at=NOW - timedelta(days=1))
    new = ConversationFactory(last_message_at=NOW)

    assert listed() == [new, old]


def test_list_opens_nothing():
    ConversationFactory()

    listed()

    assert AuditEvent.objects.exists() is False


def test_configurator_sees_no_list():
    assert client_of("mia", Role.CONFIGURATOR).get(LIST).status_code == 403


@pytest.mark.parametrize(
    "typed", ["sup-7", "horvat", "385991903327", "+385 99 190-3327", "(00385) 991903327", "in-4711"]
)
def test_conversation_is_found_by_what_one_has_of_it(typed):
    number = PhoneNumberFactory(key="385991903327", customer__name="Marko Horvat")
    wanted = ConversationFactory(issue_key="SUP-7", customer=number.customer)
    MessageFactory(conversation=wanted, provider_id="in-4711", address__phone_number=number)
    MessageFactory(conversation__issue_key="SUP-77")

    assert listed(q=typed) == [wanted]


def test_part_of_a_number_finds_nothing():
    number = PhoneNumberFactory(key="385991903327")
    ConversationFactory(customer=number.customer)

    assert listed(q="38599190") == []


@pytest.mark.parametrize("which", ["ours", "providers"])
def test_found_message_is_led_to(which):
    send = SendFactory(provider_id="prov-4711")
    typed = {"ours": str(send.pk), "providers": "prov-4711"}[which]

    page = owners_client().get(LIST, {"q": typed}).content.decode()

    assert f"?message={send.message_id}#m{send.message_id}" in page


@pytest.mark.parametrize(
    ("state", "end_reason", "asked"),
    [
        ("opening", "", "opening"),
        ("paused", "", "paused"),
        ("ended", "resolved", "resolved"),
        ("ended", "opted out", "opted-out"),
        ("ended", "deleted", "deleted"),
    ],
)
def test_list_is_filtered_by_state(state, end_reason, asked):
    wanted = ConversationFactory(state=state, end_reason=end_reason)
    ConversationFactory()

    assert listed(state=asked) == [wanted]


def test_list_is_filtered_by_channel():
    wanted = ConversationFactory(channel="whatsapp")
    ConversationFactory(channel="sms")

    assert listed(channel="whatsapp") == [wanted]


def test_list_is_filtered_by_project():
    wanted = ConversationFactory(issue_key="HR-7")
    ConversationFactory(issue_key="HRX-7")

    assert listed(project="HR") == [wanted]


def test_list_is_filtered_by_who_wrote():
    AgentProfile.objects.create(account_id="5f0c", name="Ana Kovač")
    wanted = MessageFactory(direction="out", author="5f0c").conversation
    MessageFactory(direction="out", author="other")

    assert "Ana Kovač" in owners_client().get(LIST).content.decode()
    assert listed(agent="5f0c") == [wanted]


def test_list_is_filtered_by_failed_messages():
    failed = SendFactory(state="failed")
    mended = SendFactory(state="failed", number=1)
    SendFactory(message=mended.message, state="sent", number=2)
    late = SendFactory(state="delivered", number=1)
    SendFactory(message=late.message, state="failed", number=2)

    assert listed(failed="only") == [failed.message.conversation]


def test_list_is_filtered_by_days():
    day = timedelta(days=1)
    before = went_on(NOW - 9 * day, NOW - 8 * day)
    meanwhile = went_on(NOW - 9 * day, NOW)
    within = went_on(NOW - 3 * day, NOW - 3 * day)
    after = went_on(NOW, NOW)

    assert listed(since="2026-11-16", until="2026-11-18") == [meanwhile, within]
    assert listed(until="2026-11-12") == [meanwhile, before]
    assert set(listed(since="2026-11-20")) == {meanwhile, after}
    assert len(listed(since="nonsense", until="2026-13-99")) == 4


@time_machine.travel(NOW, tick=False)
def test_usual_days_are_offered():
    page = owners_client().get(LIST).content.decode()

    for since in ("2026-11-20", "2026-11-14", "2026-10-22"):
        assert f'href="?since={since}"' in page


def test_days_keep_what_else_is_chosen():
    page = owners_client().get(LIST, {"state": "paused"}).content.decode()

    assert '<input type="hidden" name="state" value="paused">' in page


def test_list_takes_as_many_queries_for_many_conversations():
    client = owners_client()
    counts = []
    for _round in range(2):
        for _number in range(3):
            MessageFactory()
        client.get(LIST)
        with CaptureQueriesContext(connection) as asked:
            client.get(LIST)
        counts.append(len(asked))

    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"state": "active"},
        {"project": "SUP"},
        {"agent": "agent-7"},
        {"failed": "only"},
        {"since": "2026-11-19"},
        {"q": "00000000-0000-4000-8000-000000000007"},
        {"q": "in-7-2"},
        {"q": "SUP-7"},
    ],
)
def test_no_question_reads_all_messages(query, filled):
    with CaptureQueriesContext(connection) as asked:
        assert listed(**query)

    plans = [explained(each["sql"]) for each in asked if "conversations_message" in each["sql"]]
    assert plans
    assert [plan for plan in plans if "Seq Scan on conversations_message" in plan] == []
    assert [plan for plan in plans if "Seq Scan on conversations_send" in plan] == []


@pytest.fixture
def filled(db):
    """A site with many conversations of ten messages each."""
    first = MessageFactory(conversation__issue_key="HR-1")
    rows = {"many": MANY, "sender": first.sender_id, "address": first.address_id}
    with connection.cursor() as cursor:
        cursor.execute(FILL, rows)
        # Of all rows: a sample that misses the few failed ones makes another plan.
        cursor.execute("SET LOCAL default_statistics_target = 1000")
        cursor.execute("ANALYZE")


FILL = """
INSERT INTO conversations_customer (name, jira_account_id, created_at)
SELECT 'Customer ' || n, '', now() FROM generate_series(1, %(many)s) n;
INSERT INTO conversations_conversation (customer_id, channel, issue_id, issue_key, issue_status,
    state, end_reason, state_before_end, state_changed_at, state_changed_by, version, created_at,
    last_message_at)
SELECT id, 'sms', '1' || id, 'SUP-' || row_number() OVER (ORDER BY id), '',
    CASE id %% 3 WHEN 0 THEN 'active' ELSE 'ended' END,
    CASE id %% 3 WHEN 0 THEN '' ELSE 'resolved' END, '', now(), '', 1,
    '2026-11-20'::timestamptz - id * interval '5 minutes',
    '2026-11-20'::timestamptz - id * interval '5 minutes'
FROM conversations_customer WHERE name LIKE 'Customer %%';
INSERT INTO conversations_message (conversation_id, direction, channel, kind, text, content,
    sender_id, address_id, provider_id, author, auto_reply, quoted_provider_id, reaction,
    occurred_at, created_at, version)
SELECT c.id, CASE m %% 2 WHEN 0 THEN 'in' ELSE 'out' END, 'sms', 'text', 'Words of a message', '{}',
    %(sender)s, %(address)s,
    CASE m %% 2 WHEN 0 THEN 'in-' || substr(c.issue_key, 5) || '-' || m ELSE '' END,
    CASE m %% 2 WHEN 0 THEN '' ELSE 'agent-' || c.id %% 500 END, '', '', '',
    c.created_at, c.created_at, 1
FROM conversations_conversation c, generate_series(1, 10) m WHERE c.issue_key LIKE 'SUP-%%';
INSERT INTO conversations_send (id, message_id, number, channel, sender_id, address_id, state,
    provider_id, failure, error_code, error_text, error_permanent, by_fallback, created_at)
SELECT ('00000000-0000-4000-8000-' || lpad(row_number() OVER (ORDER BY id)::text, 12, '0'))::uuid,
    id, 1, 'sms', sender_id, address_id, CASE id %% 100 WHEN 1 THEN 'failed' ELSE 'sent' END,
    '', '', '', '', false, false, now()
FROM conversations_message WHERE author <> '';
"""


def explained(sql):
    with connection.cursor() as cursor:
        # As for the size of a real site: of few rows, all are read in a moment.
        cursor.execute("SET LOCAL random_page_cost = 1.1")
        cursor.execute(f"EXPLAIN {sql}")
        return "\n".join(line for (line,) in cursor.fetchall())


def went_on(created_at, last_message_at):
    return ConversationFactory(created_at=created_at, last_message_at=last_message_at)


def listed(**query):
    return list(owners_client().get(LIST, query).context["cl"].result_list)
