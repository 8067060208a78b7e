"""One site, a hundred, a thousand: `make bench ARGS=sites`.

The same load over more and more sites: the webhook, messages from end to end with their processor
time, the sweeper's tick while all are idle, memory, connections, size, provisioning. Then every
site is upgraded by a small migration, put into a copy of the tree, and by none.
"""

import time
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from tests.benchmarks.panels import panels_of, play, processor_of, wait_until_quiet
from tests.benchmarks.processes import Processes, hooks, in_words, used
from tests.benchmarks.results import Goal, baseline, spread
from tests.benchmarks.throughput import at_port, bare_inserts, post, worker_at_rest
from tests.benchmarks.upgrade import measure_upgrades
from tests.local_run import wait_until

SIZES = (1, 100, 1000)
CONVERSATIONS = 500  # at all sites together
PER_SECOND = 20
SECONDS = 25  # each conversation gets one message, and then another one
IDLE_SECONDS = 15  # five ticks of the sweeper
# To sites that connections meet for the first time, and once they know most of them.
MEETINGS = (("", ""), (".again", ", once more"))
FEW = 0.05  # of all sites
PATIENCE = 300  # seconds; a site is looked at for a minute after it had something to do
SCHEMA = "site_bench_{}"
PROVISION = """
import json
from time import perf_counter
from tenants import provisioning
from tenants.models import Site

seconds, urls = [], []
for number in range(FIRST, LAST):
    site = Site.objects.create(
        slug=f"bench-{number}", cloud_id=f"bench-{number}", url="https://bench.example",
        schema_name=f"site_bench_{number}",
    )
    began = perf_counter()
    provisioning.provision(site)
    seconds.append(perf_counter() - began)
    urls.append(site.inbound_keys.get().webhook_url)
print(json.dumps({"seconds": seconds, "urls": urls, "template": provisioning.TEMPLATE.exists()}))
"""
MIGRATED = """
import json
from time import perf_counter
from tenants import provisioning

began = perf_counter()
provisioning.migrate_new_schema("site_bench_migrated")
print(json.dumps(perf_counter() - began))
"""
# What one tick of the sweeper asks, and what a worker then does for each site that is due.
TICK = """
import json
from statistics import median
from time import perf_counter
from tenants import pending_work

taken = []
for _round in range(20):
    began = perf_counter()
    due = pending_work.due_marks()
    taken.append(perf_counter() - began)
print(json.dumps({"ms": median(taken) * 1000, "due": len(due)}))
"""
CONNECTIONS = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"
MARKED = "SELECT count(*) FROM public.tenants_pendingwork WHERE marked_until > clock_timestamp()"
SIZE = "SELECT pg_database_size(current_database()) / 1e6"


def measure(run, part):
    found, urls = {}, []
    migrated = baseline("its schema by migrations", run.ask_product(MIGRATED), "s")
    with hooks(run) as web:
        processes = Processes(run, web)
        for before, size in pairwise((0, *SIZES)):
            schemas = [SCHEMA.format(number) for number in range(size)]
            urls += _provision(run, part, before, size, migrated)
            at = Stage(run, part, processes, size, found.setdefault(size, {}), found[SIZES[0]])
            _webhook(at, [at_port(url, web.port) for url in urls], schemas)
            _end_to_end(at, schemas, web.port)
            _at_rest(at)
            _sizes(at)
    measure_upgrades(run, part, [run.schema, *schemas])


def _provision(run, part, first, last, migrated):
    told = run.ask_product(f"FIRST, LAST = {first}, {last}\n{PROVISION}")
    newest = sorted(told["seconds"][-100:])
    part.add(
        f"sites.{last}.provision",
        f"a new site, {'replayed' if told['template'] else 'migrated'}, number {last:,}",
        {"p50": median(newest), "longest": newest[-1]},
        "s",
        baseline=migrated,
        ratio=median(newest) / migrated["value"],
        goal=Goal("p50", at_most=0.15),
    )
    return told["urls"]


class Stage:
    """So many sites, what was found with them, and what was found with the fewest."""

    def __init__(self, run, part, processes, size, found, first):
        self.run, self.part, self.processes, self.size = run, part, processes, size
        self.found, self.first = found, first

    def add(self, kind, title, figures, unit, *, compared, beside=None, goal=None, more=""):
        """Add a row; `compared` is the figure that stands `beside` that with the fewest sites."""
        self.found[kind] = figures[compared]
        first = self.first[kind] if beside is None else beside
        return self.part.add(
            f"sites.{self.size}.{kind}",
            f"{self.size:,} sites, {title}",
            figures,
            unit,
            baseline=baseline(f"{compared} at 1 site", first, unit),
            ratio=figures[compared] / first if first else None,
            goal=goal if self.size > 1 else None,
            more=more,
        )


def _at_rest(at):
    """Say what so many sites cost after their load: while the sweeper looks, and once it does not.

    A site that had something to do is looked at for a minute more; so is one whose turn of the
    hour has just come, which at many sites is always so of a few.
    """
    tick = at.run.ask_product(TICK)
    more = f"{tick['due']} due"
    at.add(
        "tick", "a tick's question who is due", {"p50": tick["ms"]}, "ms", compared="p50", more=more
    )
    _rest(at, "marked", f"nothing happens, {tick['due']} still marked")
    with at.run.connect() as connection:
        few = int(at.size * FEW)
        wait_until(lambda: connection.execute(MARKED).fetchone()[0] <= few, PATIENCE)
    _rest(at, "idle", f"idle, {few} marked at most" if few else "all idle")


def _rest(at, kind, title):
    before = at.processes.seconds()
    time.sleep(IDLE_SECONDS)  # the measurement itself, not a guess
    busy, product = used(before, at.processes.seconds())
    figures, words = {"processor": product / IDLE_SECONDS * 100}, in_words(busy, IDLE_SECONDS)
    at.add(kind, title, figures, "% of one", compared="processor", more=words)


def _sizes(at):
    with at.run.connect() as connection:
        (connections,) = connection.execute(CONNECTIONS).fetchone()
        (megabytes,) = connection.execute(SIZE).fetchone()
    memory = at.processes.megabytes()
    memory.pop("sandbox")
    figures = {"all": sum(memory.values())} | memory
    at.add("memory", "memory", figures, "MB", compared="all")
    figures = {"connections": connections - 1}
    at.add("connections", "database connections", figures, "open", compared="connections")
    at.add("size", "the database", {"size": float(megabytes)}, "MB", compared="size")


def _webhook(at, urls, schemas):
    """Post to all sites in turn: to sites that the processes meet for the first time, and again."""
    with worker_at_rest(at.run, schemas):
        for kind, title in MEETINGS:
            before = bare_inserts(at.run)
            found = post(urls)
            alone = (before + bare_inserts(at.run)) / 2
            figures = {"rate": found["items_per_second"], "p50_ms": found["p50_ms"]}
            at.part.add(
                f"sites.{at.size}.webhook{kind}",
                f"{at.size:,} sites, webhook, 1 message a request{title}",
                figures | {"p99_ms": found["p99_ms"]},
                "messages/s",
                baseline=baseline("(a)", alone, "commits/s"),
                ratio=figures["rate"] / alone,
                goal=Goal("ratio", at_least=0.33),
            )


def _end_to_end(at, schemas, port):
    """Have customers of all sites write to agents who look, one message each, and once more.

    Beside it those of one site at the same pace, right before: the machine's pace changes.
    """
    alone = panels_of(at.run, schemas[:1], made=0 if at.size > 1 else CONVERSATIONS)
    one = _write(at, alone, port)
    wait_until_quiet(at.run, schemas[:1])
    chosen = schemas[:CONVERSATIONS]
    panels = panels_of(at.run, chosen, made=CONVERSATIONS // len(chosen)) if at.size > 1 else alone
    for kind, title in MEETINGS:
        found = _write(at, panels, port)
        at.add(
            f"screen{kind}",
            f"phone to agent's screen{title}",
            spread(found.screen),
            "s",
            compared="p95",
            beside=spread(one.screen)["p95"],
            more=f"{PER_SECOND}/s; {found.words}",
        )
        at.add(
            f"cost{kind}",
            f"processor time of a message{title}",
            {"each": found.cost},
            "ms",
            compared="each",
            beside=one.cost,
            goal=Goal("ratio", at_most=1.1),
        )
    wait_until_quiet(at.run, chosen)


@dataclass(frozen=True)
class Written:
    """What became of messages: seconds until each was seen, milliseconds of processor for each."""

    screen: list[float]
    cost: float
    words: str


def _write(at, panels, port):
    told = play(
        at.run,
        at.processes,
        panels,
        act="write",
        per_second=PER_SECOND,
        seconds=SECONDS,
        webhook_port=port,
    )
    words, product = processor_of(told, at.processes)
    return Written(told["screen"], product / len(told["screen"]) * 1000, words)
