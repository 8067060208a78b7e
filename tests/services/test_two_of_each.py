"""On each broker: conversations to and fro while one of two webs and workers is killed."""

import time
from concurrent.futures import ThreadPoolExecutor

import httpx

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

SITE_THREADS = 4  # of a worker, that a site may have: WORKER_SITE_THREADS
CUSTOMERS, MESSAGES, REPLIES = 4, 4, 3  # customers of each channel; of each customer
# Answers of Infobip and Jira that come late, so that something is under way when a worker dies.
SLOW = {"kind": "slow", "times": 20, "seconds": 1.0}
SLOW_ROUTES = {"infobip": "/", "jira": "/rest/"}


def test_nothing_is_lost_or_doubled_while_one_of_two_is_killed(run):
    plan, since = plan_of_many(), newest(run.ledger)
    people = People(run, deadline=time.monotonic() + PATIENCE_SECONDS)
    for neighbour, route in SLOW_ROUTES.items():
        fault = SLOW | {"route": route}
        httpx.post(f"{run.described[neighbour]}/_sandbox/faults", json=fault, trust_env=False)

    with ThreadPoolExecutor(len(plan.numbers)) as pool:
        doing = [pool.submit(converse, people, plan, number) for number in plan.numbers]
        wait_until(lambda: len(people.written[SITE]) > CUSTOMERS * MESSAGES, PATIENCE_SECONDS)
        run.there.kill(WEBS[0])
        run.there.kill(WORKERS[0])
        for each in doing:
            each.result()
    wait_until_quiet(run, plan, people, since)

    answers = judged(run, plan, people, since)
    # What was about to leave: WhatsApp has no log that would say whether it did.
    assert answers.pop("unconfirmed", 0) <= SITE_THREADS
    assert set(answers) == {"delivered"}
    assert alive(run) == {WEBS[1], WORKERS[1]}


def plan_of_many():
    inbound, replies = [], []
    for place, channel in enumerate(CHANNELS):
        for number in (f"3859{place}00{one}00" for one in range(CUSTOMERS)):
            inbound += [
                Inbound(turn, SITE, number, channel, f"Message {turn} of {number}")
                for turn in range(MESSAGES)
            ]
            replies += [
                Reply(turn + 0.5, SITE, number, f"Answer {turn} to {number}")
                for turn in range(REPLIES)
            ]
    return Plan(0, 0, inbound, replies, [], [])


def converse(people, plan, number):
    """A customer writes and is answered, again and again."""
    for event in plan.events:
        if event.number == number:
            people.act(event)
