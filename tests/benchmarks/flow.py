"""Messages on their way, from one end to the other, at a pace: `make bench ARGS=flow`.

First messages: from a customer's phone to the request in Jira. Then customers of those requests
write, till the panel of the request that holds a stream has the row; and agents answer, from their
panel's post to the arrival at Infobip. Each at several paces, the first being the baseline.
"""

import time

import httpx

from tests.benchmarks.journeys import FirstMessages
from tests.benchmarks.panels import panels_of, play, processor_of, wait_until_quiet
from tests.benchmarks.processes import Processes, hooks, in_words, used
from tests.benchmarks.results import Goal, baseline, percentile, spread
from tests.local_run import RunFailed

FIRST = ((5, 12), (20, 10))  # messages a second, for so many seconds
PACES = (5, 20, 50)
SECONDS = 20
PANELS = 100
ARRIVAL_SECONDS = 120
GOAL_PACE = 20


def measure(run, part):
    with hooks(run) as web:
        processes = Processes(run, web)
        _first_messages(run, part, processes)
        wait_until_quiet(run, [run.schema])
        panels = panels_of(run, [run.schema])[-PANELS:]
        with_port = {"webhook_port": web.port, "seconds": SECONDS}
        _to_the_screen(run, part, processes, panels, with_port)
        _to_the_provider(run, part, processes, panels, with_port)


def _first_messages(run, part, processes):
    lowest = None
    for number, (pace, seconds) in enumerate(FIRST):
        journeys = FirstMessages(
            run, per_second=pace, count=pace * seconds, numbers_from=3_859_820_000 + number * 1000
        )
        before, began = processes.seconds(), time.monotonic()
        found = spread(journeys.seconds())
        busy, _product = used(before, processes.seconds())
        lowest = _add(
            part,
            f"flow.first.{pace}",
            f"first message to request in Jira, {pace}/s",
            found,
            lowest,
            in_words(busy, time.monotonic() - began),
            Goal("p95", at_most=1.0) if pace == GOAL_PACE else None,
        )


def _to_the_screen(run, part, processes, panels, how):
    lowest = None
    for pace in PACES:
        told = play(run, processes, panels, act="write", per_second=pace, **how)
        more, product = processor_of(told, processes)
        lowest = _add(
            part,
            f"flow.screen.{pace}",
            f"phone to agent's screen, {pace}/s",
            spread(told["screen"]),
            lowest,
            f"{more}; {product / len(told['screen']) * 1000:.0f} ms of processor a message",
            Goal("p95", at_most=0.5) if pace == GOAL_PACE else None,
        )
        wait_until_quiet(run, [run.schema])


def _to_the_provider(run, part, processes, panels, how):
    lowest = None
    for pace in PACES:
        told = play(run, processes, panels, act="answer", per_second=pace, **how)
        arrived = arrivals(run, told["began"])
        words, product = processor_of(told, processes)
        post = percentile(sorted(told["acts"]), 0.95)
        more = f"the panel's post alone p95 {post:.3f} s; {words}"
        lowest = _add(
            part,
            f"flow.reply.{pace}",
            f"agent's reply to Infobip, {pace}/s",
            spread([arrived[text] - at for text, at in told["began"].items()]),
            lowest,
            f"{more}; {product / len(arrived) * 1000:.0f} ms of processor a reply",
            Goal("p95", at_most=0.3) if pace == GOAL_PACE else None,
        )
        wait_until_quiet(run, [run.schema])


def _add(part, row_id, title, found, lowest, more, goal):
    """Add a row, and return the slowest pace's: what the others are compared with."""
    beside = baseline("p95 at the slowest pace", lowest.figures["p95"], "s") if lowest else None
    ratio = found["p95"] / lowest.figures["p95"] if lowest else None
    row = part.add(row_id, title, found, "s", baseline=beside, ratio=ratio, goal=goal, more=more)
    return lowest or row


def arrivals(run, expected):
    """Wait until every text has arrived at Infobip, and return when each did."""
    url = f"{run.described['infobip']}/_sandbox/messages"
    deadline = time.monotonic() + ARRIVAL_SECONDS
    while time.monotonic() < deadline:
        sent = httpx.get(url, trust_env=False, timeout=30).json()["messages"]
        found = {message["text"]: message["at"] for message in sent if message["text"] in expected}
        if len(found) == len(expected):
            return found
        time.sleep(1)
    raise RunFailed(f"{len(expected) - len(found)} replies did not arrive at Infobip.")
