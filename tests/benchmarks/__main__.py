"""`make bench`: throughput and latency of the running product, each beside its baseline.

`make bench` plays what fits into about ten minutes; `make bench ARGS="webhook streams"` those parts
alone, `ARGS=all` all of them. Played by name only are `sites` (a thousand of them), `screen` (what
an agent's screen costs, in a real Chromium) and `records` (the console's pages at a million rows).
What was found goes to `var/bench.json` as well, and `python -m tests.benchmarks.page` writes it
into docs/performance.md.
"""

import resource
import sys
import traceback

from tests.benchmarks import (
    flow,
    many_sites,
    neighbour,
    records,
    screen,
    streams,
    thread,
    throughput,
)
from tests.benchmarks.results import RESULT, Part, keep, say
from tests.local_run import ROOT, local_run

FILES = 10_000  # thousands of open streams are as many file descriptors, at each end
PARTS = {
    "webhook": throughput.measure,
    "flow": flow.measure,
    "thread": thread.measure,
    "streams": streams.measure,
    "sites": many_sites.measure,
    "neighbour": neighbour.measure,
    "screen": screen.measure,
    "records": records.measure,
}
BY_NAME_ONLY = ("sites", "screen", "records")
# As docs/operations.md sizes a database for so many.
ENVIRONMENT = {"sites": {"SHARED_BUFFERS": "1GB"}}


def main(names):
    names = [*PARTS] if names == ["all"] else names
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        return f"There is no part {unknown[0]}: {', '.join(PARTS)}."
    allow_files(FILES)
    chosen = names or [name for name in PARTS if name not in BY_NAME_ONLY]
    failed = [name for name in chosen if not play(name)]
    say(f"Written to {RESULT.relative_to(ROOT)}.")
    return f"Failed: {', '.join(failed)}." if failed else 0


def play(name):
    """Measure one part with a product of its own; one that fails stops no other."""
    say(f"{name}: starting the product...")
    part = Part(name)
    try:
        with local_run(**ENVIRONMENT.get(name, {})) as run:
            with run.connect() as connection:
                part.database(connection)
            PARTS[name](run, part)
    except Exception as failure:  # noqa: BLE001 - whatever it was, other parts can be measured
        traceback.print_exc()
        part.facts["failed"] = type(failure).__name__
    keep(part)
    say(f"{name}: {len(part.rows)} rows after {part.document()['seconds']:.0f} s.\n")
    return "failed" not in part.facts


def allow_files(wanted):
    """Let this process, and all that it starts, open so many files, as far as it may be."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    enough = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, enough), hard))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
