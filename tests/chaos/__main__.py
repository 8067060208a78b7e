"""`make chaos`: kill processes under load and count what was lost. Ends with 1 on any breach."""

import argparse
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from secrets import randbelow

import httpx
import psycopg

from tests.chaos.blows import strike
from tests.chaos.people import People
from tests.chaos.plan import SLOW, SLOW_ROUTES, Blow, Inbound, make_plan
from tests.chaos.verdict import Evidence, Figure, figures
from tests.local_run import local_run

PATIENCE_SECONDS = 150  # from the first message to the end of everything


def main(arguments):
    options = _options(arguments)
    began = time.monotonic()
    plan = make_plan(options.seed)
    say(f"Seed {options.seed}. Starting the product...")
    with local_run(keep=options.keep) as run:
        say(f"Up after {time.monotonic() - began:.0f} s.")
        people = People(run, deadline=time.monotonic() + PATIENCE_SECONDS)
        last_blow = play(run, plan, people)
        settled = wait_until_quiet(run, people)
        table = figures(run, people, plan)
        if options.keep:
            say(f"The state stays in {run.state}.")
    table.append(Figure("seconds from the last blow to quiet", round(settled - last_blow, 1)))
    show(table)
    breaches = sum(figure.breached for figure in table)
    say(
        f"{breaches or 'No'} breaches after {time.monotonic() - began:.0f} s (seed {options.seed})."
    )
    return 1 if breaches else 0


def play(run, plan, people):
    """Let the plan happen, and return when the last blow fell."""
    for neighbour, route in SLOW_ROUTES.items():
        url = f"{run.described[neighbour]}/_sandbox/faults"
        httpx.post(url, json={"route": route, **SLOW}, trust_env=False).raise_for_status()
    began, last_blow = time.monotonic(), 0.0
    with ThreadPoolExecutor(max_workers=len(plan.replies) + 20) as pool:
        doing = []
        for event in plan.events:
            time.sleep(max(0.0, began + event.at - time.monotonic()))
            if isinstance(event, Blow):
                say(f"{event.at:6.1f} s  {event.what}")
                strike(run, event.what)
                last_blow = time.monotonic()
            elif isinstance(event, Inbound):
                doing.append(pool.submit(people.write, event))
            else:
                doing.append(pool.submit(people.answer, event))
        for each in doing:
            each.result()
    return last_blow


def wait_until_quiet(run, people):
    """Return when nothing is under way any more, or when patience has ended."""
    while time.monotonic() < people.deadline:
        with suppress(psycopg.Error, httpx.HTTPError):
            found = Evidence(run)
            if found.quiet and set(people.written) <= found.taken:
                break
        time.sleep(0.5)
    return time.monotonic()


def show(table):
    width = max(len(figure.name) for figure in table)
    say("")
    for figure in table:
        wanted = "" if figure.expected is None else f"  must be {figure.expected}"
        mark = "BREACH" if figure.breached else ""
        say(f"  {figure.name:<{width}}  {figure.found!s:>6}{wanted:<16}  {mark}".rstrip())
    say("")


def say(text):
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _options(arguments):
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=randbelow(10_000), help="repeat a run")
    parser.add_argument("--keep", action="store_true", help="leave state and logs")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
