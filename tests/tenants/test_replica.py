"""Reports read a replica that keeps up, of the right site, and the primary where none does."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conversations.models import Conversation
from conversations.reports.asking import Scope, TooSlow, ask
from conversations.reports.period import Period
from tenants import replica
from tenants.context import tenant_context
from tenants.models import Pulse
from tests.factories import ConversationFactory

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", replica.ALIAS])
COUNT = "SELECT count(*) FROM conversations_conversation AS c WHERE {conversations}"


@pytest.fixture(scope="module", autouse=True)
def second(django_db_setup):
    """A second way to the tests' database: a replica that has all at once."""
    mirrored = {"TEST": connection.settings_dict["TEST"] | {"MIRROR": "default"}}
    connections.settings[replica.ALIAS] = connection.settings_dict | mirrored
    yield
    del connections.settings[replica.ALIAS]


@pytest.fixture
def standby(monkeypatch, acme):
    monkeypatch.setattr(replica, "_left_alone_until", {})
    beat(timedelta())
    yield connections[replica.ALIAS]
    connections[replica.ALIAS].close()
    del connections[replica.ALIAS]


def beat(ago):
    Pulse.objects.update_or_create(
        name="worker one 1", defaults={"kind": "worker", "beaten_at": timezone.now() - ago}
    )


def only_arrived(monkeypatch, at):
    """Let a beat be the newest that has arrived at the replica."""
    newest = replica._newest
    monkeypatch.setattr(
        replica, "_newest", lambda alias: at if alias == replica.ALIAS else newest(alias)
    )


def conversations(scope):
    return ask(lambda asking: asking.rows(COUNT, scope))


@pytest.fixture
def scope():

    today = timezone.localdate()
    return Scope(Period(today, today, timezone.get_current_timezone()))


def asked(of, scope):
    """Return how many questions reach a database, and what is answered."""
    with CaptureQueriesContext(of) as captured:
        answer = conversations(scope)
    return sum("conversations_conversation" in each["sql"] for each in captured), answer


def test_replica_answers_in_the_site_of_whoever_asks(standby, acme, globex, scope):
    with tenant_context(globex):
        ConversationFactory()
        assert asked(standby, scope) == (1, [(1,)])
    with tenant_context(acme):
        assert asked(standby, scope) == (1, [(0,)])

    assert standby.schema_name == "public"


@pytest.mark.parametrize("behind", [timedelta(seconds=61), None])
def test_replica_that_is_behind_or_knows_of_nobody_is_not_asked(
    standby, monkeypatch, acme, scope, behind
):
    only_arrived(monkeypatch, behind and timezone.now() - behind)
    with tenant_context(acme):
        ConversationFactory()

        assert asked(standby, scope) == (0, [(1,)])


def test_processes_that_all_stand_still_make_no_replica_old(standby, acme, scope):
    beat(timedelta(hours=1))
    with tenant_context(acme):
        assert asked(standby, scope) == (1, [(0,)])


def test_without_a_replica_the_primary_answers(monkeypatch, acme, scope):
    monkeypatch.delitem(connections.settings, replica.ALIAS)
    with tenant_context(acme):
        ConversationFactory()

        assert asked(connection, scope) == (1, [(1,)])


def test_replica_out_of_reach_is_left_alone_for_a_while(standby, monkeypatch, acme, scope):
    monkeypatch.setitem(standby.settings_dict, "HOST", "/nowhere")
    monkeypatch.setattr(replica, "monotonic", lambda: 1000.0)
    with tenant_context(acme):
        assert conversations(scope) == [(0,)]
        monkeypatch.setitem(standby.settings_dict, "HOST", connection.settings_dict["HOST"])
        assert asked(standby, scope) == (0, [(0,)])

        monkeypatch.setattr(replica, "monotonic", lambda: 1031.0)

        assert asked(standby, scope) == (1, [(0,)])


def test_question_that_the_replica_ends_is_asked_of_the_primary(standby, acme, scope):
    asked_of = []

    def about(asking):
        asked_of.append(asking._alias)
        if asking._alias == replica.ALIAS:
            raise DatabaseError("canceling statement due to conflict with recovery")
        return asking.rows(COUNT, scope)

    with tenant_context(acme):
        assert ask(about) == [(0,)]

    assert asked_of == ["replica", "default"]


def test_question_that_takes_too_long_is_not_asked_again(standby, acme, monkeypatch, scope):
    monkeypatch.setattr("conversations.reports.asking.MOST_SECONDS", -1)
    with (
        tenant_context(acme),
        CaptureQueriesContext(connection) as primary,
        pytest.raises(TooSlow),
    ):
        conversations(scope)

    assert [each for each in primary if "FROM conversations" in each["sql"]] == []


def test_what_reports_read_is_the_replica_s_alone(standby, acme):
    """Whatever is read elsewhere may just have been written."""
    with tenant_context(acme), CaptureQueriesContext(standby) as captured:
        ConversationFactory()
        assert Conversation.objects.count() == 1

    assert len(captured) == 0
