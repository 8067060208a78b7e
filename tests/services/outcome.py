"""What became of the people of one test: the counts of `make chaos`, on these stores."""

import time
from collections import Counter

from sandbox.environment import SITE
from sandbox.infobip.ledger import Message
from tests.chaos.audit import audit_figures
from tests.chaos.evidence import entries, story
from tests.chaos.verdict import breaches, judge
from tests.services.two_of_each import WEBS, WORKERS

# Of a whole test. On a machine that does nothing else it takes the sixth part.
PATIENCE_SECONDS = 300


def wait_until_quiet(run, plan, people, since):
    """Wait until each message is there, nothing waits, and every send was reported on."""
    while left := _left(run, plan, since):
        assert time.monotonic() < people.deadline, (left, entries(run, SITE))
        time.sleep(0.3)


def judged(run, plan, people, since):
    """Count the states of the agents' answers, once nothing is lost, doubled or given up."""
    told = story(run, SITE, plan.numbers, since=since)
    figures = judge(plan, people, [told]) + audit_figures(run)
    found = {figure.name: figure.found for figure in figures}
    assert breaches(figures) == []
    assert found["requests"] == len(plan.numbers)
    assert found["answers accepted by the panel"] == len(plan.replies)
    assert found["repeats that Infobip refused"] == 0
    assert told.buried == {"quarantined": 0, "dead": 0}
    return Counter(state for client_id, *_, state in told.outgoing if client_id)


def alive(run):
    return {name for name in (*WEBS, *WORKERS) if run.there.running[name].poll() is None}


def _left(run, plan, since):
    told = story(run, SITE, plan.numbers, since=since)
    unreported = sum(Message(**each).state == "pending" for each in told.sent)
    return told.under_way | ({f"{unreported} reports"} if unreported else set())
