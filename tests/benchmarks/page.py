"""`python -m tests.benchmarks.page`: write what var/bench.json holds into docs/performance.md.

Between two marks, so that no figure of that page is typed by hand. `--check` only says whether the
page has what the file holds.
"""

import json
import sys

from tests.benchmarks.results import RESULT, in_words, number
from tests.local_run import ROOT

PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"
MOST_ROWS = 40  # what is longer is folded
# In the order of the page; what has no title here stands at its end under its name.
TITLES = {
    "webhook": "The webhook",
    "flow": "Messages on their way",
    "thread": "A long thread",
    "streams": "Open panels",
    "sites": "Many sites",
    "neighbour": "A busy neighbour",
    "screen": "An agent's screen in Chromium",
    "records": "A million rows",
}
HEAD = (
    "| what | measured | baseline of the same run | ratio | goal | |\n|---|---|---|---|---|---|\n"
)


def main(arguments):
    page = PAGE.read_text("utf-8")
    written = rendered(page, json.loads(RESULT.read_text())["parts"])
    if "--check" in arguments:
        return 0 if written == page else f"{PAGE.name} has other figures than {RESULT.name}."
    PAGE.write_text(written, "utf-8")
    return 0


def rendered(page, parts):
    """Return the page with these parts between its marks."""
    before, begin, rest = page.partition(BEGIN)
    _figures, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"The page lacks {BEGIN} or {END}.")
    names = [*(name for name in TITLES if name in parts), *sorted(parts.keys() - TITLES.keys())]
    tables = "\n".join(_part(name, parts[name]) for name in names)
    return f"{before}{BEGIN}\n\n{tables}\n{END}{after}"


def _part(name, part):
    machine, rows = part["machine"], "".join(map(_row, part["rows"]))
    about = (
        f"`make bench ARGS={name}`, {part['at'][:10]}, {part['seconds']:.0f} s;"
        f" {machine['cpu']}, {machine['processors']} processors, {machine['memory_gb']} GB,"
        f" Python {machine['python']}, PostgreSQL {machine['server_version'].split()[0]}, fsync"
        f" {machine['fsync']}{_buffers(machine)}; load {machine['load_before']} before,"
        f" {machine['load_after']} after."
    )
    if "failed" in machine:
        about += f" **It ended early, by {machine['failed']}.**"
    table = f"{HEAD}{rows}"
    if len(part["rows"]) > MOST_ROWS:
        table = f"<details><summary>{len(part['rows'])} rows</summary>\n\n{table}\n</details>\n"
    return f"### {TITLES.get(name, name)}\n\n{about}\n\n{table}"


def _buffers(machine):
    buffers = machine.get("shared_buffers", "")
    return f", shared_buffers {buffers}" if buffers else ""


def _row(row):
    beside = row["baseline"]
    compared = f"{beside['title']}: {number(beside['value'])} {beside['unit']}" if beside else ""
    ratio = "" if row["ratio"] is None else f"{row['ratio']:.2f}"
    goal = row["goal"] + {True: ": met", False: ": **missed**", None: ""}[row["met"]]
    cells = (
        row["title"],
        in_words(row["figures"], row["unit"]),
        compared,
        ratio,
        goal,
        row["more"],
    )
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
