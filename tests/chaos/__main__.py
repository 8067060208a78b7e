"""`make chaos`: rounds of blows under load, and a count of what was lost. Any breach ends with 1.

See docs/faults.md.
"""

import argparse
import json
import sys
import time
from secrets import randbelow

from tests.chaos.audit import audit_figures
from tests.chaos.logs import log_figures
from tests.chaos.report import document, markdown, say, table, tell, write
from tests.chaos.rounds import play
from tests.chaos.stage import stage
from tests.local_run import ROOT

RESULT = ROOT / "var" / "chaos.json"


def main(arguments):
    options = _options(arguments)
    if options.table:
        say(markdown(json.loads(RESULT.read_text())))
        return 0
    began = time.monotonic()
    say(f"Seed {options.seed}. Starting the product...")
    with stage() as scene:
        say(f"Up after {time.monotonic() - began:.0f} s; logs in {scene.run.state / 'log'}.")
        rounds, at_the_end = _play(scene, options)
        content = document(options.seed, rounds, at_the_end, took=time.monotonic() - began)
        write(RESULT, content)
        scene.keep = content["breaches"] > 0 or options.keep
    say("\n" + "\n".join(table(rounds, at_the_end)) + "\n")
    if scene.keep:
        say(f"State and logs stay in {scene.run.state}.")
    found = content["breaches"]
    took = time.monotonic() - began
    say(f"Breaches: {found}. Rounds: {len(rounds)}, {took:.0f} s (seed {options.seed}).")
    return 1 if found else 0


def _play(scene, options):
    """Return what the rounds came to, each told as it ends, and what is counted at the end."""
    rounds = []
    numbers = [options.round] if options.round is not None else range(1, options.rounds + 1)
    for number in numbers:
        rounds.append(play(scene, options.seed, number))
        tell(rounds[-1])
    return rounds, audit_figures(scene) + log_figures(scene)


def _options(arguments):
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=randbelow(10_000), help="what all follows from")
    parser.add_argument("--rounds", type=int, default=4, help="how many to play")
    parser.add_argument("--round", type=int, help="play this one alone, again")
    parser.add_argument("--table", action="store_true", help="only show the last run's, for docs")
    parser.add_argument("--keep", action="store_true", help="leave state and logs in any case")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
