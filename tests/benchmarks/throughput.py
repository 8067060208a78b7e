"""(a), (b), (c): what the webhook commits, beside what the database commits without it."""

import json
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass

import redis

from sandbox.broker import Broker
from tests.local_run import ROOT, RunFailed

CONNECTIONS = 8
BATCH = 100
BASELINE_SECONDS = 2.5
LOAD_SECONDS = 5.0
ROUNDS = 3


@dataclass(frozen=True)
class Measured:
    """One measurement, and the baseline right before and right after it."""

    name: str
    baseline: float
    found: dict

    @property
    def ratio(self):
        return self.found["items_per_second"] / self.baseline


def measure(run, sites):
    """Return `ROUNDS` measurements of the webhook with one message and with a hundred."""
    measured = []
    with worker_at_rest(run, [site["schema"] for site in sites]):
        before = _baseline(run)
        for _round in range(ROUNDS):
            for name, items in (("one", 1), ("hundred", BATCH)):
                found = _load(sites, items)
                after = _baseline(run)
                baseline = (before["commits_per_second"] + after["commits_per_second"]) / 2
                measured.append(Measured(name, baseline, found))
                before = after
    return measured, before


@contextmanager
def worker_at_rest(run, schemas):
    """Hold the worker meanwhile: two processors for all would measure it too.

    Wakes are published all the same. They and what was kept are thrown away afterwards: nobody
    wants to have these conversations.
    """
    run.signal("worker", signal.SIGSTOP, group=True)
    try:
        yield
    finally:
        with run.connect() as connection:
            for schema in schemas:
                connection.execute(f'TRUNCATE "{schema}".conversations_inboxentry')
            connection.execute("VACUUM")
        with redis.Redis(unix_socket_path=str(Broker(run.state / "valkey").socket)) as broker:
            broker.flushall()
        run.signal("worker", signal.SIGCONT, group=True)


def _baseline(run):
    asked = {"url": run.described["database_url"], "schema": run.schema}
    return _measure_beside("tests.benchmarks.baseline", asked | {"seconds": BASELINE_SECONDS})


def _load(sites, items):
    asked = {"urls": [site["webhook_url"] for site in sites], "connections": CONNECTIONS}
    found = _measure_beside(
        "tests.benchmarks.generator", asked | {"items": items, "seconds": LOAD_SECONDS}
    )
    if found["refused"]:
        raise RunFailed(f"The webhook refused {found['refused']} requests.")
    return found


def _measure_beside(module, asked):
    finished = subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-m", module, json.dumps(asked)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode:
        raise RunFailed(f"{module} failed:\n{finished.stderr[-2000:]}")
    return json.loads(finished.stdout)
