"""`make bench`: throughput and latency of the running product beside the bare database.

`make bench ARGS=screen` measures what an agent's screen costs, in a real Chromium,
`make bench ARGS=thread` what a long thread costs, and `make bench ARGS=records` what the console's
pages cost at a million rows.
"""

import json
import os
import platform
import sys
import time
from pathlib import Path
from statistics import median

from tests.benchmarks import records, screen, sites, thread, throughput
from tests.benchmarks.generator import percentile
from tests.benchmarks.journeys import COUNT, PER_SECOND, Journeys
from tests.local_run import ROOT, local_run

RESULT = ROOT / "var" / "bench.json"


def main():
    began = time.monotonic()
    facts = machine()
    say("Starting the product...")
    with local_run() as run:
        say("Making sites...")
        provisioned = sites.provision(run)
        say("Loading the webhook; the worker rests meanwhile...")
        measured, baseline = throughput.measure(run, provisioned["sites"])
        say(f"Writing {COUNT} messages and as many answers, {PER_SECOND} a second...")
        journeys = Journeys(run)
        messages = journeys.messages()
        answers, posts = journeys.answers()
        with run.connect() as connection:
            facts["postgresql"] = connection.execute("SHOW server_version").fetchone()[0]
    facts |= {name: baseline[name] for name in ("fsync", "synchronous_commit")}
    facts["load_after"] = os.getloadavg()[0]
    rows = [
        *webhook_rows(measured),
        latency_row("(d) message to request in Jira", messages, 1.0),
        latency_row("(e) answer to Infobip", answers, 0.5),
        latency_row("    the panel's post alone", posts, None),
        *site_rows(provisioned),
    ]
    show(rows, facts)
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps({"machine": facts, "figures": rows}, indent=2) + "\n")
    say(f"Written to {RESULT.relative_to(ROOT)} after {time.monotonic() - began:.0f} s.")


def webhook_rows(measured):
    """Return (a), (b) and (c); ratios are to the mean of (a) right before and right after."""
    baselines = [each.baseline for each in measured]
    rows = [row("(a) bare INSERT, 4 connections", f"{median(baselines):.0f} commits/s")]
    rows[0]["spread"] = f"{min(baselines):.0f} to {max(baselines):.0f}"
    wanted = {"one": ("(b) webhook, 1 message", 0.25), "hundred": ("(c) webhook, 100 each", 1.5)}
    for name, (title, goal) in wanted.items():
        of_this = [each for each in measured if each.name == name]
        ratios = [each.ratio for each in of_this]
        rate = median(each.found["items_per_second"] for each in of_this)
        p50, p99 = (median(each.found[p] for each in of_this) for p in ("p50_ms", "p99_ms"))
        line = row(title, f"{rate:.0f} messages/s", f"ratio >= {goal}", median(ratios) >= goal)
        line["ratio"] = f"{median(ratios):.2f}"
        line["spread"] = f"{min(ratios):.2f} to {max(ratios):.2f}; p50 {p50:.1f}, p99 {p99:.1f} ms"
        rows.append(line)
    return rows


def latency_row(title, seconds, goal):
    p50, p95 = percentile(seconds, 0.50), percentile(seconds, 0.95)
    wanted = f"p95 < {goal} s" if goal else ""
    line = row(title, f"p95 {p95:.3f} s", wanted, goal is None or p95 < goal)
    line["spread"] = f"p50 {p50:.3f}, longest {seconds[-1]:.3f} s"
    return line


def site_rows(provisioned):
    replayed = median(provisioned["replayed"])
    how = "replayed" if provisioned["template"] else "migrated, for there is no template"
    line = row(f"(f) a new site, {how}", f"{replayed:.3f} s", "< 0.3 s", replayed < 0.3)
    line["spread"] = f"{provisioned['replayed'][0]:.3f} to {provisioned['replayed'][-1]:.3f} s"
    return [line, row("    its schema by migrations", f"{provisioned['migrated']:.3f} s")]


def row(title, figure, goal="", met=True):  # noqa: FBT002 - a row without a goal has met it
    return {"title": title, "figure": figure, "ratio": "", "goal": goal, "met": met, "spread": ""}


def machine():
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    return {
        "cpu": model,
        "processors": os.cpu_count(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "load_before": os.getloadavg()[0],
    }


def show(rows, facts):
    say("")
    for line in rows:
        verdict = "" if not line["goal"] else ("met" if line["met"] else "MISSED")
        say(
            f"  {line['title']:<32}{line['figure']:>19}{line['ratio']:>7}"
            f"   {line['goal']:<14}{verdict:<8}{line['spread']}"
        )
    say("")
    say("  " + ", ".join(f"{name} {value}" for name, value in facts.items()))
    say("  (b), (c): 8 connections, 4 sites in turn, wakes published, the worker at rest.")


def say(text):
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    parts = {"records": records.main, "screen": screen.main, "thread": thread.main}
    parts.get("".join(sys.argv[1:]), main)()
