"""Plays a round: load and blows, then waiting until all is quiet, then counting."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field

import httpx
import psycopg

from tests.chaos.blows import call_off, strike
from tests.chaos.evidence import entries, newest, story
from tests.chaos.people import People
from tests.chaos.plan import LOAD_SECONDS, SITES, Blow, make_plan
from tests.chaos.verdict import Figure, breaches, judge

NORMAL_SECONDS = 30.0  # after the last blow everything is settled
PATIENCE_SECONDS = 120.0
LOOK_SECONDS = 0.4


@dataclass
class Played:
    """What a round came to; `held_up` is what was still under way when it should not have been."""

    plan: object
    figures: list[Figure]
    seconds_to_normal: float
    held_up: list[str] = field(default_factory=list)

    @property
    def breaches(self):
        return breaches(self.figures)


def play(stage, seed, number):
    plan = make_plan(seed, number)
    since = newest(stage.ledger)
    before = _buried(_stories(stage, plan, since))
    people = People(stage, deadline=time.monotonic() + LOAD_SECONDS + PATIENCE_SECONDS)
    with ThreadPoolExecutor(max_workers=100) as pool, _all_going_home(people):
        doing = [pool.submit(people.act, event) for event in _happen(stage, plan)]
        last_blow = time.monotonic()
        under_way, held_up = _wait_until_quiet(stage, plan, people, since, doing, last_blow)
        quiet_at = time.monotonic()
        for each in doing:
            each.result()
    stories = _stories(stage, plan, since)
    figures = judge(plan, people, stories)
    figures.append(Figure("still under way", len(under_way), 0))
    after = _buried(stories)
    figures += [Figure(f"newly {name}", after[name] - before[name], 0) for name in after]
    return Played(plan, figures, round(quiet_at - last_blow, 1), held_up)


@contextmanager
def _all_going_home(people):
    """Let nobody insist any more when a round is broken off: its end would wait for them."""
    try:
        yield
    finally:
        people.deadline = 0.0


def _happen(stage, plan):
    """Let blows fall and yield what people do, each in its time; ends when all is taken back."""
    began = time.monotonic()
    with ExitStack() as endings:
        agenda = [(event.at, event) for event in plan.events] + [(LOAD_SECONDS, None)]
        while agenda:
            agenda.sort(key=lambda entry: entry[0])
            at, event = agenda.pop(0)
            time.sleep(max(0.0, began + at - time.monotonic()))
            if isinstance(event, Blow):
                ending = strike(stage, event)
                if ending:
                    endings.callback(ending)
                    agenda.append((at + event.seconds, ending))
            elif callable(event):
                event()
            elif event is not None:
                yield event
    call_off(stage)


def _wait_until_quiet(stage, plan, people, since, doing, last_blow):
    """Return what is under way when patience has ended, and what was after NORMAL_SECONDS."""
    held_up = []
    while True:
        under_way = {"people"} if not all(each.done() for each in doing) else set()
        try:
            stories = _stories(stage, plan, since)
        except (psycopg.Error, httpx.HTTPError):
            under_way.add("the database")
        else:
            under_way |= set().union(*(told.under_way for told in stories))
        waited = time.monotonic() - last_blow
        if not under_way or waited > PATIENCE_SECONDS:
            return under_way, held_up
        if waited > NORMAL_SECONDS and not held_up:
            held_up = [*sorted(under_way), *_reasons(stage)]
        time.sleep(LOOK_SECONDS)


def _stories(stage, plan, since):
    return [story(stage, site, plan.numbers, since=since) for site in SITES]


def _reasons(stage):
    with suppress(psycopg.Error):
        return [f"{site}: {each}" for site in SITES for each in entries(stage, site)]
    return []


def _buried(stories):
    names = stories[0].buried
    return {name: sum(told.buried[name] for told in stories) for name in names}
