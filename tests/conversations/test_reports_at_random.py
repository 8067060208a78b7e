"""The figures of a report, counted again one by one: over days on which the clocks change."""

from collections import Counter
from datetime import UTC, timedelta
from statistics import median

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conversations.models import Conversation, Message
from conversations.reports.traffic import Both, Written
from tests.conversations.reporting import MINUTE, ZAGREB, answered, at, report, said
from tests.factories import ConversationFactory

pytestmark = pytest.mark.django_db
FIRST, LAST = "2026-10-24", "2026-10-26"
SINCE, UNTIL = at("2026-10-24T00:00").astimezone(UTC), at("2026-10-27T00:00").astimezone(UTC)
# From a day before to a day after, in minutes; who wrote: the customer, nobody, an agent.
MINUTES = st.integers(-1440, 4 * 1440)
WRITTEN = st.tuples(st.integers(0, 2000), st.sampled_from(["customer", "", "ana", "ivan"]))
TALKS = st.tuples(MINUTES, st.sampled_from(["active", "ended"]), st.lists(WRITTEN, max_size=6))


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(talks=st.lists(TALKS, max_size=6))
def test_figures_are_those_of_a_count_by_hand(talks):
    Message.objects.all().delete()
    Conversation.objects.all().delete()
    for minute, state, written in talks:
        make(SINCE + minute * MINUTE, state, written)

    def read(made):
        total = made.opened.total
        said_ = {hour: (both.received, both.sent) for hour, both in made.traffic.by_hour.items()}
        days = {day: opened.count for day, opened in made.opened.by_bucket.items()}
        counts = (total.count, total.asked, total.answered, total.ended_unanswered, total.median)
        return counts, days, said_, made.traffic.total, made.writers

    assert report(FIRST, LAST, read=read) == by_hand()


def make(moment, state, written):
    talk = ConversationFactory(created_at=moment, state=state)
    for after, author in written:
        if author == "customer":
            said(talk, moment + after * MINUTE)
        else:
            answered(talk, moment + after * MINUTE, author=author)


def by_hand():
    talks = [talk for talk in Conversation.objects.all() if SINCE <= talk.created_at < UNTIL]
    waits = {talk: wait_of(talk) for talk in talks}
    asked = [talk for talk in talks if talk.messages.filter(direction="in").exists()]
    answers = [wait.total_seconds() for wait in waits.values() if wait is not None]
    left = [talk for talk in asked if waits[talk] is None and talk.state == "ended"]
    days = Counter(talk.created_at.astimezone(ZAGREB).date() for talk in talks)
    counts = (
        len(talks),
        len(asked),
        len(answers),
        len(left),
        median(answers) if answers else None,
    )
    return counts, dict(days), *messages_by_hand()


def wait_of(talk):
    """Return how long a customer waited for a person; None when nobody has answered."""
    asked_at = min((m.occurred_at for m in talk.messages.filter(direction="in")), default=None)
    if asked_at is None:
        return None
    later = [m.occurred_at for m in talk.messages.exclude(author="") if m.occurred_at >= asked_at]
    return min(later) - asked_at if later else None


def messages_by_hand():
    found = [message for message in Message.objects.all() if SINCE <= message.created_at < UNTIL]
    received = [message for message in found if message.inbound]
    sent = [message for message in found if not message.inbound]
    came, went = (
        Counter(message.created_at.astimezone(ZAGREB).hour for message in some)
        for some in (received, sent)
    )
    hours = {hour: (came[hour], went[hour]) for hour in {*came, *went}}
    messages = Counter(message.author for message in found if message.author)
    places = {author: set() for author in messages}
    for message in found:
        if message.author:
            places[message.author].add(message.conversation_id)
    writers = {who: Written(messages[who], len(places[who])) for who in messages}
    return hours, Both(len(received), len(sent)), writers


def test_day_on_which_clocks_change_is_in_the_period():
    assert timedelta(days=3, hours=1) == UNTIL - SINCE
