"""The page of figures: every part is told of, and figures come from the file alone."""

import json

import pytest

from tests.benchmarks import page
from tests.benchmarks.processes import documented
from tests.benchmarks.results import Goal, Row, baseline

MACHINE = {
    "cpu": "Some CPU",
    "processors": 2,
    "memory_gb": 8.0,
    "python": "3.11.7",
    "server_version": "18.6",
    "fsync": "on",
    "load_before": 0.1,
    "load_after": 1.5,
}


def part(*rows):
    documents = [row.document() for row in rows]
    at = "2026-11-23T12:00:00Z"
    return json.loads(json.dumps({"at": at, "seconds": 9.0, "machine": MACHINE, "rows": documents}))


def test_the_page_tells_of_every_part():
    text = page.PAGE.read_text("utf-8")

    assert [name for name in page.TITLES if f"| `{name}` |" not in text] == []


def test_figures_stand_between_the_marks_and_nothing_else_changes():
    row = Row(
        "webhook.one",
        "webhook, 1 message",
        {"rate": 2500.4, "p50_ms": 3.14159},
        "messages/s",
        baseline("(a)", 7000, "commits/s"),
        ratio=0.357,
        goal=Goal("ratio", at_least=0.33),
    )
    before = f"Head.\n{page.BEGIN}\nold\n{page.END}\nTail.\n"

    written = page.rendered(before, {"webhook": part(row)})

    assert written.startswith(f"Head.\n{page.BEGIN}\n\n### The webhook\n")
    assert written.endswith(f"\n{page.END}\nTail.\n")
    assert (
        "| webhook, 1 message | rate 2,500 messages/s, p50 3.14 ms | (a): 7,000 commits/s | 0.36"
        " | ratio >= 0.33: met |  |"
    ) in written
    assert "old" not in written


def test_a_missed_goal_is_seen():
    row = Row("flow.screen.20", "to the screen", {"p95": 0.7}, "s", goal=Goal("p95", at_most=0.5))

    written = page.rendered(f"{page.BEGIN}{page.END}", {"flow": part(row)})

    assert "| to the screen | p95 0.7 s |  |  | p95 <= 0.5 s: **missed** |  |" in written


def test_a_page_without_marks_is_refused():
    with pytest.raises(ValueError, match="lacks"):
        page.rendered("A page.", {})


def test_the_benchmark_finds_the_processes_for_webhooks_in_the_operators_page():
    command = documented("hooks")

    assert command[0] == "granian"
    assert "omnichat." in command[-1]
