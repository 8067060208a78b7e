"""What the figures of a report are, worked out by hand."""

from datetime import date, datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conversations import audit
from conversations.models import AuditEvent, Conversation
from conversations.reports.asking import MOST_SECONDS, Asking, TooSlow
from conversations.reports.period import Period, Unit
from conversations.reports.traffic import Both, Written
from tenants.context import tenant_context
from tests.conversations.reporting import (
    MINUTE,
    ZAGREB,
    answered,
    at,
    ended,
    opened,
    report,
    said,
    sent,
)
from tests.factories import ConversationFactory, SenderFactory

pytestmark = pytest.mark.django_db

MORNING = at("2026-11-10T09:00")


def test_first_response_is_a_persons_first_message_after_the_customers():
    talk = opened(MORNING)
    answered(talk, MORNING + MINUTE, author="", auto_reply="greeting")
    answered(talk, MORNING + 10 * MINUTE)
    answered(talk, MORNING + 20 * MINUTE)

    found = report("2026-11-10", read=lambda made: made.opened.total)

    assert (found.count, found.asked, found.answered) == (1, 1, 1)
    assert (found.median, found.ninetieth) == (600, 600)


def test_median_and_ninetieth_are_of_the_answered():
    for minutes in (10, 20, 30, 40):
        answered(opened(MORNING), MORNING + minutes * MINUTE)
    opened(MORNING)

    found = report("2026-11-10", read=lambda made: made.opened.total)

    assert (found.answered, found.unanswered, found.ended_unanswered) == (4, 1, 0)
    assert found.median == 25 * 60
    assert found.ninetieth == 37 * 60


def test_unanswered_that_have_ended_are_counted_by_themselves():
    ended(MORNING)
    opened(MORNING)

    found = report("2026-11-10", read=lambda made: made.opened.total)

    assert (found.unanswered, found.ended_unanswered) == (2, 1)


def test_what_an_agent_wrote_first_is_no_answer():
    talk = ConversationFactory(created_at=MORNING)
    answered(talk, MORNING)
    said(talk, MORNING + 5 * MINUTE)
    answered(talk, MORNING + 8 * MINUTE)
    begun = ConversationFactory(created_at=MORNING)
    answered(begun, MORNING)

    found = report("2026-11-10", read=lambda made: made.opened.total)

    assert (found.count, found.asked, found.answered, found.median) == (2, 1, 1, 180)


def test_answer_after_the_period_counts_for_the_day_of_the_question():
    talk = opened(at("2026-11-10T23:50"))
    answered(talk, at("2026-11-11T00:20"))

    assert report("2026-11-10", read=lambda made: made.opened.total.median) == 1800
    assert report("2026-11-11", read=lambda made: made.opened.total.count) == 0


def test_ends_are_counted_by_reason_and_resolution_of_the_resolved_alone():
    ended(MORNING, after=30 * MINUTE)
    ended(MORNING, after=50 * MINUTE)
    ended(MORNING, after=500 * MINUTE, reason="deleted")
    ended(MORNING, after=600 * MINUTE, reason="opted out")

    found = report("2026-11-10", read=lambda made: made.ended.total)

    assert (found.resolved, found.deleted, found.opted_out, found.count) == (2, 1, 1, 4)
    assert (found.median, found.ninetieth) == (2400, 2880)


def test_reopened_one_counts_as_reopened_and_not_as_ended():
    talk = opened(MORNING)
    audit.record("conversation.reopened", actor_kind=audit.Actor.JIRA, subject=talk)
    today = AuditEvent.objects.get().occurred_at.astimezone(ZAGREB).date().isoformat()

    found = report(today, read=lambda made: (made.reopened, made.ended.total.count))
    filtered = report(today, channel="whatsapp", read=lambda made: made.reopened)

    assert found == ({date.fromisoformat(today): 1}, 0)
    assert filtered == {}


def test_days_end_at_the_readers_midnight():
    talk = ConversationFactory(created_at=at("2026-11-01T12:00"))
    said(talk, at("2026-11-10T23:59"))
    said(talk, at("2026-11-11T00:01"))

    in_zagreb = report("2026-11-10", "2026-11-11", read=lambda made: made.traffic.by_bucket)
    in_london = report(
        "2026-11-10",
        "2026-11-11",
        zone=ZoneInfo("Europe/London"),
        read=lambda made: made.traffic.by_bucket,
    )

    assert in_zagreb == {date(2026, 11, 10): Both(1, 0), date(2026, 11, 11): Both(1, 0)}
    assert in_london == {date(2026, 11, 10): Both(2, 0)}


@pytest.mark.parametrize(
    ("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-11-10", 24)]
)
def test_days_on_which_clocks_change_are_whole(day, hours):
    period = Period(date.fromisoformat(day), date.fromisoformat(day), ZAGREB)
    talk = ConversationFactory(created_at=period.since - timedelta(days=9))
    quarter = timedelta(minutes=15)
    moments = [period.since.astimezone(ZoneInfo("UTC")) + quarter * n for n in range(-1, 101)]
    for moment in moments:
        said(talk, moment)

    found = report(day, read=lambda made: made.traffic)

    inside = [moment for moment in moments if period.since <= moment < period.until]
    assert len(inside) == 4 * hours
    assert found.total.received == 4 * hours
    assert found.by_bucket == {date.fromisoformat(day): Both(4 * hours, 0)}
    assert len(found.by_hour) == min(hours, 24)


def test_hours_and_weekdays_are_the_readers():
    talk = ConversationFactory(created_at=at("2026-11-01T12:00"))
    said(talk, at("2026-11-09T23:30"))
    answered(talk, at("2026-11-10T00:05"))

    kolkata = ZoneInfo("Asia/Kolkata")
    found = report("2026-11-09", "2026-11-10", read=lambda made: made.traffic)
    theirs = report("2026-11-09", "2026-11-10", zone=kolkata, read=lambda made: made.traffic)

    assert found.by_hour == {23: Both(1, 0), 0: Both(0, 1)}
    assert found.by_weekday == {1: Both(1, 0), 2: Both(0, 1)}
    assert theirs.by_hour == {4: Both(1, 1)}


def test_agents_are_counted_by_messages_conversations_and_first_answers():
    first, second = opened(MORNING), opened(MORNING)
    answered(first, MORNING + 2 * MINUTE, author="ana")
    answered(first, MORNING + 3 * MINUTE, author="ana")
    answered(first, MORNING + 4 * MINUTE, author="ivan")
    answered(second, MORNING + 6 * MINUTE, author="ana")

    writers = report("2026-11-10", read=lambda made: made.writers)
    firsts = report("2026-11-10", read=lambda made: made.opened.by_agent)

    assert writers == {"ana": Written(3, 2), "ivan": Written(1, 1)}
    assert {name: (each.answered, each.median) for name, each in firsts.items()} == {
        "ana": (2, 240)
    }


def test_attempts_are_counted_with_their_parts():
    talk = opened(MORNING)
    sent(talk, MORNING, parts=2)
    sent(talk, MORNING, parts=0)
    sent(talk, MORNING, parts=1, state="failed", failure="unreachable")

    found = report("2026-11-10", read=lambda made: made.attempts)

    counted = {
        (each.state, each.failure): (each.count, each.parts, each.measured) for each in found
    }
    assert counted == {("delivered", ""): (2, 2, 1), ("failed", "unreachable"): (1, 1, 1)}


def test_filters_leave_only_what_they_name():
    number = SenderFactory(number="385951006799")
    answered(opened(MORNING, issue_key="HR-1", sender=number), MORNING, sender=number)
    sent(opened(MORNING, issue_key="SUP-2", channel="whatsapp"), MORNING, author="ivan")

    def counts(**chosen):
        return report(
            "2026-11-10",
            **chosen,
            read=lambda made: (
                list(made.opened.by_project),
                made.traffic.total,
                len(made.attempts),
            ),
        )

    assert counts(project="HR") == (["HR"], Both(1, 1), 0)
    assert counts(sender=number.pk) == (["HR"], Both(1, 1), 0)
    assert counts(agent="ana") == (["HR"], Both(1, 1), 0)
    assert counts(agent="ivan") == (["SUP"], Both(1, 1), 1)
    assert counts(channel="whatsapp") == (["SUP"], Both(1, 1), 1)
    assert counts(project="NONE") == ([], Both(0, 0), 0)


def test_nothing_of_another_site_is_counted(globex):
    with tenant_context(globex):
        sent(opened(MORNING), MORNING + MINUTE)

    assert report("2026-11-10", read=lambda made: made.empty)
    with tenant_context(globex):
        assert not report("2026-11-10", read=lambda made: made.empty)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(waits=st.lists(st.integers(0, 10**6), max_size=12))
def test_percentiles_are_those_of_pythons_statistics(waits):
    Conversation.objects.all().update(created_at=datetime(2001, 1, 1, tzinfo=ZAGREB))
    for wait in waits:
        answered(opened(MORNING), MORNING + timedelta(seconds=wait))

    found = report("2026-11-10", read=lambda made: made.opened.total)

    assert found.median == (median(waits) if waits else None)
    assert found.ninetieth == pytest.approx(between(waits, 0.9))


def test_report_that_takes_too_long_is_given_up(monkeypatch):
    monkeypatch.setattr("conversations.reports.talks.OPENED", "SELECT pg_sleep(20)")
    monkeypatch.setattr("conversations.reports.asking.MOST_SECONDS", 0.05)

    with pytest.raises(TooSlow):
        report("2026-11-10", read=lambda made: made.opened)

    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() != ("50ms",)


def test_questions_after_the_deadline_are_not_asked(monkeypatch):
    monkeypatch.setattr("conversations.reports.asking.MOST_SECONDS", -1)

    with pytest.raises(TooSlow):
        report("2026-11-10", read=lambda made: made.opened)
    assert MOST_SECONDS < 30
    assert Asking


@pytest.mark.parametrize(
    ("days", "unit", "count"),
    [(1, Unit.DAY, 1), (92, Unit.DAY, 92), (365, Unit.WEEK, 53), (1096, Unit.MONTH, 37)],
)
def test_long_periods_are_counted_by_weeks_and_months(days, unit, count):
    last = date(2026, 11, 23)
    period = Period(last - timedelta(days=days - 1), last, ZAGREB)

    assert period.days == days
    assert period.unit == unit
    assert len(period.buckets) == count
    assert period.buckets[-1] <= last


def test_period_before_ends_where_this_begins():
    period = Period(date(2026, 3, 23), date(2026, 3, 29), ZAGREB)

    assert period.before.until == period.since
    assert period.before.days == 7


def between(values, share):
    """Return the value at a share of the way through, as the SQL standard interpolates."""
    if not values:
        return None
    ordered, place = sorted(values), share * (len(values) - 1)
    low = ordered[int(place)]
    return low + (ordered[min(int(place) + 1, len(values) - 1)] - low) * (place - int(place))
