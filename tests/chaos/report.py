"""Tells how the rounds went: a line as each ends, a table at the end, and a file for machines."""

import json
import os
import platform
import sys
from itertools import chain
from math import ceil

from tests.chaos.rounds import NORMAL_SECONDS
from tests.chaos.verdict import added_up, breaches

LINE = (
    ("requests", "requests"),
    ("accepted by the webhook", "messages"),
    ("answers accepted by the panel", "answers"),
    ("files", "files"),
)


def say(text):
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def tell(played):
    """Say in a line or two what a round was and came to."""
    found = {figure.name: figure.found for figure in played.figures}
    counts = ", ".join(f"{found[name]} {called}" for name, called in LINE)
    blows = ", ".join(map(str, played.plan.blows))
    say(f"Round {played.plan.number:3}: {counts}; quiet after {played.seconds_to_normal:.1f} s")
    say(f"           {blows}")
    for reason in played.held_up:
        say(f"           after {NORMAL_SECONDS:.0f} s still: {reason}")
    for figure in played.breaches:
        say(f"           BREACH {figure.name}: {figure.found}, must be {figure.expected}")
    if played.breaches:
        plan = played.plan
        again = f'make chaos ARGS="--seed {plan.seed} --round {plan.number}"'
        say(f"           seed {plan.seed}, round {plan.number}; to play it again: {again}")


def table(rounds, at_the_end):
    """Return the sums over all rounds as lines."""
    figures = sums(rounds) + at_the_end
    width = max(len(figure.name) for figure in figures)
    lines = []
    for figure in figures:
        wanted = "" if figure.expected is None else f"  must be {figure.expected}"
        mark = "BREACH" if figure.breached else ""
        lines.append(f"  {figure.name:<{width}}  {figure.found:>7}{wanted:<17}  {mark}".rstrip())
    spread = seconds(rounds)
    told = ", ".join(f"{name} {value}" for name, value in spread.items())
    return [*lines, f"  {'seconds from the last blow to quiet':<{width}}  {told}"]


def sums(rounds):
    return added_up(chain.from_iterable(played.figures for played in rounds))


def seconds(rounds):
    """Return how long it took to come back to normal, over the rounds."""
    taken = sorted(played.seconds_to_normal for played in rounds)

    def at(share):
        return taken[ceil(share * len(taken)) - 1]

    late = sum(each > NORMAL_SECONDS for each in taken)
    return {"p50": at(0.5), "p95": at(0.95), "max": taken[-1], "over 30 s": late}


def document(seed, rounds, at_the_end, *, took):
    """Return what `var/chaos.json` holds."""
    figures = sums(rounds) + at_the_end
    return {
        "seed": seed,
        "machine": {
            "processors": os.cpu_count(),
            "load": round(os.getloadavg()[2], 1),
            "python": platform.python_version(),
        },
        "seconds": round(took),
        "seconds_to_normal": seconds(rounds),
        "breaches": len(breaches(at_the_end)) + sum(len(played.breaches) for played in rounds),
        "sums": {figure.name: figure.found for figure in figures},
        "rounds": [_round(played) for played in rounds],
    }


def markdown(content):
    """Return the table of docs/faults.md for what a run has written."""
    sums, spread, machine = content["sums"], content["seconds_to_normal"], content["machine"]
    rows = [f"| {name} | {found:,} |" for name, found in sums.items()]
    rows += [f"| seconds to normal, {name} | {value} |" for name, value in spread.items()]
    headline = (
        f"{len(content['rounds'])} rounds of seed {content['seed']} in {content['seconds']} s,"
        f" on {machine['processors']} cores (load {machine['load']}), Python {machine['python']}:"
        f" {content['breaches']} breaches."
    )
    return "\n".join([headline, "", "| figure | found |", "|---|---:|", *rows])


def write(path, content):
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content, indent=1) + "\n")


def _round(played):
    return {
        "number": played.plan.number,
        "blows": [str(blow) for blow in played.plan.blows],
        "seconds_to_normal": played.seconds_to_normal,
        "held_up": played.held_up,
        "figures": {figure.name: figure.found for figure in played.figures},
        "breaches": [figure.name for figure in played.breaches],
    }
