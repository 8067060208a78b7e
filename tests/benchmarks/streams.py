"""Thousands of open panels at one stream process: `make bench ARGS=streams`.

How long a ring takes to the last of them, what a stream costs while it is idle and while it is
rung, and how many file descriptors the process needs.
"""

import resource
import signal
from pathlib import Path
from statistics import median

import httpx

from tests.benchmarks.processes import stream_port
from tests.benchmarks.results import baseline, percentile
from tests.benchmarks.throughput import beside
from tests.local_run import RunFailed, wait_until

SIZES = (1000, 4000)
ROUNDS = 10
IDLE_SECONDS = 15  # as long as from one ping to the next
SPARE = 200  # descriptors: what a process has open besides its streams
TOKENS = """
import json
from conversations.contracts import Agent
from jira_bridge import panel_session

print(json.dumps([
    panel_session.issue(Agent(
        schema_name=SCHEMA, account_id=f"agent-{number}", name="Ana", issue_id=str(number),
        issue_key=f"BENCH-{number}", may_reply=True, time_zone="Europe/Zagreb",
    ))
    for number in range(COUNT)
]))
"""


def measure(run, part):
    allowed, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if allowed < max(SIZES) + SPARE:
        raise RunFailed(
            f"{max(SIZES)} streams need {max(SIZES) + SPARE} file descriptors a process;"
            f" this machine allows {allowed} (ulimit -Hn)."
        )
    for size in SIZES:
        told = f"SCHEMA, COUNT = {run.schema!r}, {size + 1}\n"
        asked = {
            "stream": ["127.0.0.1", stream_port(run)],
            "pid": run.pid("stream"),
            "tokens": run.ask_product(told + TOKENS),
            "database_url": run.described["database_url"],
            "schema": run.schema,
            "rounds": ROUNDS,
            "idle_seconds": IDLE_SECONDS,
        }
        _add(part, size, beside("tests.benchmarks.hearers", asked))
        _wait_until_closed(run.pid("stream"))
        _begin_anew(run)


def _add(part, size, found):
    lasts = [max(each) * 1000 for each in found["all"]]
    every = sorted(seconds * 1000 for each in found["all"] for seconds in each)
    alone, one = median(found["alone"]) * 1000, median(found["one"]) * 1000
    beside_one = baseline("a ring to the only stream", alone, "ms")
    part.add(
        f"streams.{size}.ring",
        f"{size:,} streams, a ring to all",
        {"last": median(lasts), "p50": percentile(every, 0.5), "longest": max(lasts)},
        "ms",
        baseline=beside_one,
        ratio=median(lasts) / alone,
        more=f"{ROUNDS * size:,} of {ROUNDS * size:,} heard; processor each time: the process"
        f" {found['ring_cpu'] * 1000:.0f} ms, the generator {found['own_cpu'] * 1000:.0f} ms",
    )
    part.add(
        f"streams.{size}.one",
        f"{size:,} streams, a ring to one of them",
        {"p50": one, "longest": max(found["one"]) * 1000},
        "ms",
        baseline=beside_one,
        ratio=one / alone,
    )
    part.add(
        f"streams.{size}.site",
        f"{size:,} streams, all of a site rung",
        {"last": max(found["site"]) * 1000},
        "ms",
    )
    grown = found["megabytes"] - found["megabytes_before"]
    part.add(
        f"streams.{size}.memory",
        f"{size:,} streams, memory of each",
        {"each": grown / size * 1000, "process": found["megabytes"] * 1000},
        "kB",
        baseline=baseline("the process without them", found["megabytes_before"] * 1000, "kB"),
        more=f"{found['descriptors']} file descriptors; opened in {found['opening']:.1f} s",
    )
    part.add(
        f"streams.{size}.idle",
        f"{size:,} streams that only hear pings",
        {"processor": found["idle_cpu"] * 100},
        "% of one",
    )


def _wait_until_closed(pid):
    """Wait until the process has let go of the streams that ended: a leak would show here."""
    folder = Path(f"/proc/{pid}/fd")
    wait_until(lambda: len(list(folder.iterdir())) < SPARE, 60)


def _begin_anew(run):
    """Let the run start another stream process: what this one had would count for less memory."""
    before, port = run.pid("stream"), stream_port(run)
    run.signal("stream", signal.SIGTERM)
    wait_until(lambda: run.pid("stream") != before)
    wait_until(lambda: _is_ready(port))


def _is_ready(port):
    try:
        return httpx.get(f"http://127.0.0.1:{port}/readyz", trust_env=False).is_success
    except httpx.TransportError:
        return False
