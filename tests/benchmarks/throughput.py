"""What the webhook commits, beside what the database commits without it: `make bench ARGS=webhook`.

On the processes for webhooks as production has them (docs/operations.md, "Processes"), started
beside the run; the web of the run, that has pages to answer as well, is a row of its own.
"""

import json
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from urllib.parse import urlsplit

import redis

from sandbox.broker import Broker
from tests.benchmarks.processes import hooks
from tests.benchmarks.results import Goal, baseline
from tests.local_run import ROOT, RunFailed

CONNECTIONS = 8
BASELINE_SECONDS = 1.5
WARM_UP_SECONDS = 0.5
LOAD_SECONDS = 3.0
ROUNDS = 3
SITES = 4


@dataclass(frozen=True)
class Load:
    """What is posted: how many of what in a request, at which web, and what is hoped for."""

    id: str
    title: str
    kind: str
    items: int
    at_least: float | None = None
    web: str = "hooks"

    @property
    def goal(self):
        return Goal("ratio", at_least=self.at_least) if self.at_least else None


LOADS = (
    Load("webhook.one", "webhook, 1 message a request", "messages", 1, 0.33),
    Load("webhook.hundred", "webhook, 100 messages a request", "messages", 100, 2.0),
    Load("webhook.thousands", "webhook, 2,000 messages a request", "messages", 2000),
    Load("webhook.report", "webhook, 1 report a request", "reports", 1, 0.33),
    Load("webhook.reports", "webhook, 100 reports a request", "reports", 100, 2.0),
    Load("webhook.pages.one", "1 message, at the run's own web", "messages", 1, web="web"),
    Load("webhook.pages.hundred", "100 messages, at the run's own web", "messages", 100, web="web"),
)
MADE = """
import json
from channels.webhook_address import current_reports_url
from tenants.context import tenant_context
from tenants.models import Site
from tenants.provisioning import provision

made = []
for number in range({count}):
    site = Site.objects.create(
        slug=f"bench-{{number}}", cloud_id=f"bench-{{number}}", url="https://bench.example",
        schema_name=f"site_bench_{{number}}",
    )
    provision(site)
    with tenant_context(site):
        reports = current_reports_url()
    messages = site.inbound_keys.get().webhook_url
    made.append({{"schema": site.schema_name, "messages": messages, "reports": reports}})
print(json.dumps(made))
"""


def measure(run, part):
    """Add a row for each load: the median of some rounds, each beside its own baseline."""
    sites = run.ask_product(MADE.format(count=SITES))
    with worker_at_rest(run, [site["schema"] for site in sites]), hooks(run) as web:
        webs = {"hooks": web.port, "web": urlsplit(run.described["app"]).port}
        found, baselines = _rounds(run, sites, webs)
    part.add("webhook.baseline", "(a) bare INSERT, 4 connections", _range(baselines), "commits/s")
    for load in LOADS:
        each = found[load.id]
        middle = {name: median(row[name] for row in each) for name in each[0]}
        part.add(
            load.id,
            load.title,
            {
                "rate": middle["items_per_second"],
                "p50_ms": middle["p50_ms"],
                "p99_ms": middle["p99_ms"],
            },
            f"{load.kind}/s",
            baseline=baseline("(a)", middle["baseline"], "commits/s"),
            ratio=middle["ratio"],
            goal=load.goal,
            more=f"the generator took {middle['own_cpu']:.0%} of a processor",
        )


def _rounds(run, sites, webs):
    found, baselines = {load.id: [] for load in LOADS}, [bare_inserts(run)]
    for _round in range(ROUNDS):
        for load in LOADS:
            urls = [at_port(site[load.kind], webs[load.web]) for site in sites]
            row = post(urls, items=load.items, kind=load.kind)
            baselines.append(bare_inserts(run))
            # The mean of right before and right after: the machine's pace changes.
            row["baseline"] = sum(baselines[-2:]) / 2
            row["ratio"] = row["items_per_second"] / row["baseline"]
            found[load.id].append(row)
    return found, baselines


def _range(values):
    return {"median": median(values), "lowest": min(values), "highest": max(values)}


def at_port(url, port):
    parts = urlsplit(url)
    return parts._replace(netloc=f"{parts.hostname}:{port}").geturl()


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
        with redis.Redis(unix_socket_path=str(Broker(run.state / "valkey").socket)) as broker:
            broker.flushall()
        run.signal("worker", signal.SIGCONT, group=True)


def bare_inserts(run):
    """Return how many rows a second the database commits by itself."""
    asked = {"url": run.described["database_url"], "schema": run.schema}
    found = beside("tests.benchmarks.baseline", asked | {"seconds": BASELINE_SECONDS})
    return found["commits_per_second"]


def post(urls, *, items=1, kind="messages", seconds=LOAD_SECONDS):
    asked = {"urls": urls, "connections": CONNECTIONS, "items": items, "kind": kind}
    found = beside(
        "tests.benchmarks.generator", asked | {"warm_up": WARM_UP_SECONDS, "seconds": seconds}
    )
    if found["refused"]:
        raise RunFailed(f"The webhook refused {found['refused']} requests.")
    return found


def beside(module, asked):
    """Run a module in a process of its own, with what is asked as JSON, and return its answer."""
    finished = subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-m", module],
        input=json.dumps(asked),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode:
        raise RunFailed(f"{module} failed:\n{finished.stderr[-2000:]}")
    return json.loads(finished.stdout)
