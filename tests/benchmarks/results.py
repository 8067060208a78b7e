"""What a benchmark has found: one shape for every part, printed as a table and kept as JSON.

`var/bench.json` holds, for each part that was played, when, on what machine and for how long, and
its rows. A row has `id`, `title`, `figures` (by name, the first is the one that is meant), `unit`,
`baseline` (`title`, `value` and `unit`, of the same run), `ratio` to it, `goal` in words, whether
it is `met` (null without a goal), and `more` to be known.
"""

import json
import os
import platform
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests.local_run import ROOT

RESULT = ROOT / "var" / "bench.json"


@dataclass(frozen=True)
class Goal:
    """A figure, or the ratio, that shall be `at_most` or `at_least` something."""

    figure: str
    at_most: float | None = None
    at_least: float | None = None

    def met(self, row):
        found = row.ratio if self.figure == "ratio" else row.figures[self.figure]
        return found <= self.at_most if self.at_least is None else found >= self.at_least

    def words(self, unit):
        sign, limit = ("<=", self.at_most) if self.at_least is None else (">=", self.at_least)
        return f"{self.figure} {sign} {limit:g}" + ("" if self.figure == "ratio" else f" {unit}")


@dataclass
class Row:
    id: str
    title: str
    figures: dict[str, float]
    unit: str
    baseline: dict | None = None
    ratio: float | None = None
    goal: Goal | None = None
    more: str = ""

    def document(self):
        return asdict(self) | {
            "goal": self.goal.words(self.unit) if self.goal else "",
            "met": self.goal.met(self) if self.goal else None,
        }


@dataclass
class Part:
    """A part as it is played: rows are shown as they are found."""

    name: str
    rows: list[Row] = field(default_factory=list)
    facts: dict = field(default_factory=dict)
    began: float = field(default_factory=time.monotonic)

    def __post_init__(self):
        self.facts |= machine()

    def add(self, *args, **named):
        row = Row(*args, **named)
        self.rows.append(row)
        say(line(row.document()))
        return row

    def database(self, connection):
        """Note what the database is and how it commits."""
        for name in ("server_version", "fsync", "synchronous_commit", "shared_buffers"):
            (self.facts[name],) = connection.execute(f"SHOW {name}").fetchone()

    def document(self):
        return {
            "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "seconds": round(time.monotonic() - self.began, 1),
            "machine": self.facts | {"load_after": round(os.getloadavg()[0], 2)},
            "rows": [row.document() for row in self.rows],
        }


def keep(part):
    """Put a part into `var/bench.json`, in the place of what was found of it before."""
    RESULT.parent.mkdir(exist_ok=True)
    kept = kept_parts()
    kept[part.name] = part.document()
    unfinished = RESULT.with_suffix(".new")
    unfinished.write_text(json.dumps({"parts": kept}, indent=2) + "\n")
    unfinished.replace(RESULT)


def kept_parts():
    kept = json.loads(RESULT.read_text()) if RESULT.exists() else {}
    return kept.get("parts", {})


def baseline(title, value, unit):
    return {"title": title, "value": value, "unit": unit}


def spread(values):
    """Return the percentiles of some times, the one that is meant first."""
    ordered = sorted(values)
    shares = {"p95": 0.95, "p50": 0.50, "p99": 0.99}
    return {name: percentile(ordered, share) for name, share in shares.items()} | {
        "longest": ordered[-1]
    }


def percentile(sorted_values, share):
    return sorted_values[min(len(sorted_values) - 1, int(len(sorted_values) * share))]


def line(row):
    verdict = {True: "met", False: "MISSED", None: ""}[row["met"]]
    parts = [f"  {row['title']:<46} {in_words(row['figures'], row['unit'])}"]
    if row["ratio"] is not None:
        parts.append(f"ratio {row['ratio']:.2f}")
    if row["baseline"]:
        known = row["baseline"]
        parts.append(f"beside {number(known['value'])} {known['unit']} ({known['title']})")
    if row["goal"]:
        parts.append(f"{row['goal']}: {verdict}")
    if row["more"]:
        parts.append(row["more"])
    return "; ".join(parts)


def in_words(figures, unit):
    """Write figures by name; those that end with _ms have a unit of their own."""
    own = {name: value for name, value in figures.items() if not name.endswith("_ms")}
    words = ", ".join(f"{name} {number(value)}" for name, value in own.items()) + f" {unit}"
    others = figures.keys() - own.keys()
    more = [f"{name[:-3]} {number(figures[name])} ms" for name in figures if name in others]
    return ", ".join([words, *more])


def number(value):
    """Write a figure with three digits that count, and no more."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def machine():
    model = next(
        (
            written.partition(":")[2].strip()
            for written in Path("/proc/cpuinfo").read_text().splitlines()
            if written.startswith("model name")
        ),
        platform.processor(),
    )
    return {
        "cpu": model,
        "processors": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "load_before": round(os.getloadavg()[0], 2),
    }


def say(text):
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
