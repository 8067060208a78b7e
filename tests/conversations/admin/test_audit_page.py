"""The console's audit log: found by key, id and number, counted never, changed never."""

import html
import re
from datetime import UTC, datetime

import pytest
import time_machine
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from conversations import audit
from conversations.admin.audit_filters import DISTINCT
from conversations.models import AgentProfile, AuditEvent, AutoReplySettings
from logins.roles import Role
from tenants.context import tenant_context
from tests.consoles import client_of, owners_client
from tests.factories import ConversationFactory, MessageFactory, SendFactory

pytestmark = pytest.mark.django_db

LIST = "/admin/conversations/auditevent/"
NUMBER = "385991903327"


def test_event_is_found_by_request_key():
    recorded("message.received", conversation=ConversationFactory(issue_key="SUP-7"))
    recorded("message.received", conversation=ConversationFactory(issue_key="SUP-8"))

    assert [event.issue_key for event in listed(q="sup-7")] == ["SUP-7"]


def test_event_is_found_by_subject_id():
    conversation = ConversationFactory()
    recorded("conversation.paused", subject=conversation)
    recorded("conversation.paused")

    assert [event.subject_id for event in listed(q=str(conversation.pk))] == [str(conversation.pk)]


@pytest.mark.parametrize("typed", [NUMBER, "+385 99 190 3327", "00385 99 190-33-27"])
def test_event_is_found_by_the_number_it_does_not_hold(typed):
    recorded("message.received", address=NUMBER)
    recorded("message.received", address="385991903328")

    assert [event.address_hash for event in listed(q=typed)] == [audit.hash_of(NUMBER)]


def test_event_is_found_by_a_variant_of_the_number():
    recorded("message.received", address="5215512345678")

    assert len(listed(q="+52 55 1234 5678")) == 1


def test_event_is_found_by_an_address_that_is_no_number():
    recorded("message.received", address="HR.a1b2c3")

    assert len(listed(q="HR.a1b2c3")) == 1


def test_event_is_found_by_the_ids_of_a_message():
    send = SendFactory(provider_id="their-9")
    received = MessageFactory(provider_id="in-9")
    recorded("message.sent", subject=send.message)
    recorded("message.received", subject=received)
    recorded("message.received", subject=MessageFactory())

    found = [
        [event.action for event in listed(q=term)] for term in (str(send.pk), "their-9", "in-9")
    ]
    assert found == [["message.sent"], ["message.sent"], ["message.received"]]


def test_key_finds_what_happened_before_the_request_had_it():
    first = MessageFactory(conversation__issue_key="SUP-7")
    recorded("conversation.opened", subject=first.conversation)
    recorded("message.received", subject=first)
    recorded("message.received", subject=MessageFactory())

    assert [event.action for event in listed(q="sup-7")] == [
        "message.received",
        "conversation.opened",
    ]


@pytest.mark.parametrize("term", ["x" * 5000, "%", "'; --", "9" * 40])
def test_strange_search_finds_nothing(term):
    recorded("message.sent")

    assert listed(q=term) == []


@pytest.mark.parametrize(
    ("query", "actions"),
    [
        ({"who": "ana"}, ["settings.changed"]),
        ({"who": "kind:customer"}, ["message.received"]),
        ({"what": "message.failed"}, ["message.failed"]),
        ({"subject": "message"}, ["message.failed"]),
        ({"subject": "sendersettings:3"}, []),
        ({"channel": "sms"}, ["message.received"]),
        ({"result": "blocked"}, ["message.failed"]),
        ({"who": "kind:customer", "channel": "whatsapp"}, []),
        ({"what": "nothing"}, []),
        ({"who": "kind:nobody"}, []),
    ],
)
def test_events_are_filtered(query, actions):
    audit.record("settings.changed", actor_kind=audit.Actor.ADMIN, actor="ana")
    audit.record("message.received", actor_kind=audit.Actor.CUSTOMER, channel="sms")
    recorded("message.failed", subject=MessageFactory(), channel="whatsapp", result="blocked")

    assert [event.action for event in listed(**query)] == actions


def test_history_of_one_row_is_filtered_by_its_key():
    first, second = ConversationFactory(), ConversationFactory()
    recorded("conversation.paused", subject=first)
    recorded("conversation.resumed", subject=second)

    assert [event.action for event in listed(subject=f"conversation:{first.pk}")] == [
        "conversation.paused"
    ]


def test_days_are_the_readers():
    AutoReplySettings.objects.create(time_zone="Pacific/Auckland")
    at(datetime(2026, 11, 20, 12, 30, tzinfo=UTC), "on the 21st there")
    at(datetime(2026, 11, 20, 10, 30, tzinfo=UTC), "on the 20th there")

    assert [event.action for event in listed(since="2026-11-21", until="2026-11-21")] == [
        "on the 21st there"
    ]


@pytest.mark.parametrize("day", ["x", "2026-13-01", "9999-12-31", "0001-01-01"])
def test_strange_day_breaks_nothing(day):
    for name in ("since", "until"):
        assert owners_client().get(LIST, {name: day}).status_code == 200


def test_day_that_no_row_can_hold_is_refused():
    assert owners_client().get(LIST, {"since": "\0"}).status_code == 400


def test_months_lead_from_the_first_event_to_today():
    with time_machine.travel("2026-02-10T12:00:00Z"):
        at(datetime(2025, 11, 20, tzinfo=UTC), "first")
        bar = owners_client().get(LIST).context["cl"].months

    assert [month["name"] for month in bar["months"]] == ["Jan", "Feb"]
    assert "since=2025-01-01&until=2025-12-31" in bar["before"]
    assert bar["after"] == ""


def test_row_says_who_what_on_what_and_from_where():
    AgentProfile.objects.create(account_id="5f0c", name="Ana Kova\u010d")
    audit.record(
        "message.sent",
        actor_kind=audit.Actor.AGENT,
        actor="5f0c",
        conversation=ConversationFactory(issue_key="SUP-7"),
        channel="sms",
        parts=3,
        source="192.0.2.1",
    )

    assert cells() == [
        "Ana Kova\u010d",
        "Message sent",
        "SUP-7",
        "SMS",
        "",
        "parts: 3",
        "192.0.2.1",
    ]


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("customer", "Customer"),
        ("provider", "Infobip"),
        ("jira", "Jira"),
        ("system", "OmniChat"),
    ],
)
def test_who_is_no_person_has_a_name_too(kind, name):
    audit.record("message.sent", actor_kind=kind)

    assert cells()[0] == name


def test_time_has_milliseconds_in_the_zone_that_the_head_names():
    AutoReplySettings.objects.create(time_zone="Europe/Zagreb")
    at(datetime(2026, 11, 20, 13, 5, 12, 310_000, tzinfo=UTC), "message.sent")
    page = owners_client().get(LIST).content.decode()

    assert "2026-11-20 14:05:12.310" in page
    assert "Time (CET)" in page or "Time (CEST)" in page


def test_secret_that_was_changed_is_not_told():
    audit.record(
        "settings.changed",
        actor_kind=audit.Actor.ADMIN,
        fields={"api_key": "changed", "text": {"before": "Hi", "after": "Hello"}},
    )

    assert cells()[-2] == "text: “Hi” → “Hello”; api key: changed"


def test_period_is_said_in_words():
    page = owners_client().get(LIST).content.decode()
    some = owners_client().get(LIST, {"since": "2026-11-01", "until": "2026-11-30"})

    assert "Period: all that is kept, newest first." in page
    assert "Period: 1 Nov 2026 \N{EN DASH} 30 Nov 2026" in some.content.decode()


def test_number_of_queries_does_not_grow_with_the_rows(django_assert_max_num_queries):
    client = owners_client()
    audit.record("message.sent", actor_kind=audit.Actor.AGENT, actor="agent")
    client.get(LIST)
    with CaptureQueriesContext(connection) as few:
        client.get(LIST)
    for number in range(30):
        audit.record(
            "message.sent",
            actor_kind=audit.Actor.AGENT,
            actor=f"agent-{number}",
            conversation=ConversationFactory(),
        )

    with django_assert_max_num_queries(len(few)):
        client.get(LIST)
    assert len(few) < 35


def test_event_has_a_page_with_all_that_was_recorded():
    conversation = ConversationFactory(issue_key="SUP-7")
    event = recorded("conversation.paused", subject=conversation, conversation=conversation, x="y")

    page = owners_client().get(f"{LIST}{event.pk}/change/").content.decode()

    assert "&quot;x&quot;: &quot;y&quot;" in page
    assert f"/admin/conversations/conversation/{conversation.pk}/change/" in page
    assert f"?subject=conversation%3A{conversation.pk}" in page


@pytest.mark.parametrize("key", ["999999", "x", "0"])
def test_event_that_is_not_there_is_not_found(key):
    assert owners_client().get(f"{LIST}{key}/change/").status_code == 404


@pytest.mark.parametrize("address", ["", "export/csv/", "export/json/", "{pk}/change/", "check"])
def test_auditor_may_and_configurator_may_not(address):
    event = recorded("message.sent")
    where = "/admin/audit-log/check/" if address == "check" else LIST + address.format(pk=event.pk)

    may, may_not = (
        getattr(client_of(name, role), "post" if address == "check" else "get")(where)
        for name, role in (("vera", Role.AUDITOR), ("ivan", Role.CONFIGURATOR))
    )

    assert may.status_code in (200, 302)
    assert may_not.status_code == 403


def test_events_of_another_site_never_appear(globex):
    with tenant_context(globex):
        theirs = recorded("message.sent")
    client = owners_client()

    assert listed() == [] or theirs.action not in {event.action for event in listed()}
    assert client.get(f"{LIST}{theirs.pk}/change/").status_code == 404


def test_newest_event_comes_first():
    recorded("first")
    recorded("second")

    assert [event.action for event in listed()] == ["second", "first"]


def test_event_can_be_neither_changed_nor_deleted():
    event = recorded("message.sent")
    client = owners_client()

    assert client.get(f"{LIST}{event.pk}/change/").status_code == 200
    assert client.post(f"{LIST}{event.pk}/change/", {"action": "x"}).status_code == 403
    assert client.post(f"{LIST}{event.pk}/delete/", {"post": "yes"}).status_code == 403
    client.post(LIST, {"action": "delete_selected", "_selected_action": [event.pk], "post": "yes"})
    assert AuditEvent.objects.get().action == "message.sent"


def test_numbers_of_machines_stand_on_the_events_own_page_alone():
    event = recorded("conversation.activated", state="active", version=12)

    assert cells()[5] == "state: active"
    page = owners_client().get(f"{LIST}{event.pk}/change/").content.decode()
    assert "version" in page


def recorded(action, **kwargs):
    audit.record(action, actor_kind=audit.Actor.SYSTEM, **kwargs)
    return AuditEvent.objects.latest("pk")


def at(moment, action):
    return AuditEvent.objects.create(action=action, actor_kind="system", occurred_at=moment)


def cells():
    """The first row of the list, from Who on, as it is read."""
    page = owners_client().get(LIST).content.decode()
    row = re.search(r"<tbody>.*?<tr>(.*?)</tr>", page, re.DOTALL).group(1)
    cells = re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.DOTALL)
    return [
        html.unescape(re.sub(r"<[^>]*>", "", cell)).strip().removeprefix("\u2013") for cell in cells
    ][1:]


def listed(**query):
    return list(owners_client().get(LIST, query).context["cl"].result_list)


def test_values_of_a_filter_are_read_from_its_partial_index():
    recorded("message.failed", result="failed")

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN (ANALYZE) " + DISTINCT.format(column="result"))
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert plan.count("audit_by_result") == 2, plan
