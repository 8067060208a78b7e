"""On each broker: of two workers one is frozen beyond its lease, in the middle of its calls."""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx
from celery import Celery

from conversations.outbox import DRAIN_TASK
from sandbox.environment import SITE
from tests.chaos.evidence import newest
from tests.chaos.people import People
from tests.chaos.plan import CHANNELS, Inbound, Plan, Reply
from tests.local_run import wait_until
from tests.services.outcome import (
    PATIENCE_SECONDS,
    alive,
    judged,
    wait_until_quiet,
)
from tests.services.two_of_each import WEBS, WORKERS

# More than a worker takes of one site (WORKER_SITE_THREADS is 4): so each of the two has some.
CALLS = 6
LATE_SECONDS = 18.0  # until the answers come; who waits for one gives up after 20
SENDS = {"sms": "/sms/3/messages", "whatsapp": "/whatsapp/1/message/*"}
OPENING = "/rest/servicedeskapi/request"
HELD = "SELECT id FROM conversations_outboxentry WHERE topic = %s AND claim IS NOT NULL"
ENTRIES = """
SELECT id, state, attempts, claim, run_after, settled_at, last_error
FROM conversations_outboxentry WHERE id = ANY(%s) ORDER BY id
"""


def test_replies_in_a_frozen_workers_hands_leave_once(run):
    plan, since = plan_of("38592", replies=1), newest(run.ledger)
    people = People(run, deadline=time.monotonic() + PATIENCE_SECONDS)
    act(people, plan.inbound)
    wait_until_quiet(run, plan, people, since)
    for route in SENDS.values():
        answer_late(run, "infobip", route, times=CALLS // len(SENDS))

    act(people, plan.replies)
    wait_until_all_wait_for(run, "infobip")
    freeze_until_the_other_has_done(run, WORKERS[0], "message.deliver")
    wait_until_quiet(run, plan, people, since)

    assert judged(run, plan, people, since) == {"delivered": CALLS}
    assert alive(run) == {*WEBS, *WORKERS}


def test_first_messages_in_a_frozen_workers_hands_open_one_request(run):
    plan, since = plan_of("38593"), newest(run.ledger)
    people = People(run, deadline=time.monotonic() + PATIENCE_SECONDS)
    answer_late(run, "jira", OPENING, times=CALLS)

    act(people, plan.inbound)
    wait_until_all_wait_for(run, "jira")
    freeze_until_the_other_has_done(run, WORKERS[1], "request.open")
    wait_until_quiet(run, plan, people, since)

    assert judged(run, plan, people, since) == {}
    assert alive(run) == {*WEBS, *WORKERS}


def freeze_until_the_other_has_done(run, worker, topic):
    """See that the other worker takes over, and that nobody hears the first when it wakes."""
    with frozen(run, worker):
        held = [entry for (entry,) in run.rows(HELD, topic)]
        assert len(held) == CALLS
        wait_until(lambda: states(run, held) == {"done"}, PATIENCE_SECONDS)
        settled = run.rows(ENTRIES, held)
    taken_over = sum(attempts > 1 for _id, _state, attempts, *_ in settled)
    assert 0 < taken_over < CALLS
    wait_until(lambda: claims_lost(run, worker) >= taken_over)
    assert claims_lost(run, worker) == taken_over
    assert run.rows(ENTRIES, held) == settled


@contextmanager
def frozen(run, worker):
    group = run.there.running[worker].pid
    os.killpg(group, signal.SIGSTOP)
    try:
        yield
    finally:
        os.killpg(group, signal.SIGCONT)


def states(run, entries):
    return {state for _id, state, *_ in run.rows(ENTRIES, entries)}


def claims_lost(run, worker):
    return run.there.log(worker).read_text(errors="replace").count("outbox_claim_lost")


def answer_late(run, neighbour, route, *, times):
    """Have the next calls done at once, and answered when somebody else may have taken over."""
    fault = {"route": route, "kind": "slow", "times": times, "seconds": LATE_SECONDS}
    httpx.post(faults_of(run, neighbour), json=fault, trust_env=False).raise_for_status()


def wait_until_all_wait_for(run, neighbour):
    """Wait until all calls are under way; meanwhile wake workers, as other people's messages do."""
    url, broker = faults_of(run, neighbour), run.there.settings["CELERY_BROKER_URL"]
    waker = Celery(set_as_current=False, broker=broker)

    def asked():
        waker.send_task(DRAIN_TASK, (run.schema,), expires=5)
        return not httpx.get(url, trust_env=False).json()["faults"]

    with waker:
        wait_until(asked, LATE_SECONDS)


def faults_of(run, neighbour):
    return f"{run.described[neighbour]}/_sandbox/faults"


def plan_of(area, *, replies=0):
    """Return a plan of as many customers as calls, half of them on each channel."""
    inbound, answers = [], []
    for place in range(CALLS):
        number, channel = f"{area}00{place}00", CHANNELS[place % len(CHANNELS)]
        inbound.append(Inbound(0.0, SITE, number, channel, f"Message of {number}"))
        answers += [Reply(0.0, SITE, number, f"Answer to {number}")] * replies
    return Plan(0, 0, inbound, answers, [], [])


def act(people, events):
    with ThreadPoolExecutor(len(events)) as pool:
        list(pool.map(people.act, events))
