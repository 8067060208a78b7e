"""What is said of rounds: sums, spread, and a file that machines read."""

import json

import pytest

from tests.chaos.plan import make_plan
from tests.chaos.report import document, markdown, seconds, table
from tests.chaos.rounds import Played
from tests.chaos.verdict import Figure


def played(number, taken, lost=0):
    figures = [Figure("messages lost", lost, 0), Figure("files", 2)]
    return Played(make_plan(1, number), figures, taken)


def test_spread_is_of_all_rounds():
    rounds = [played(number, float(number)) for number in range(1, 101)]

    assert seconds(rounds) == {"p50": 50.0, "p95": 95.0, "max": 100.0, "over 30 s": 70}


def test_spread_of_one_round_is_that_round():
    assert seconds([played(1, 4.0)]) == {"p50": 4.0, "p95": 4.0, "max": 4.0, "over 30 s": 0}


def test_document_sums_up_and_names_the_rounds_that_failed():
    told = document(7, [played(1, 4.0), played(2, 8.0, lost=1)], [Figure("audit", 3, 4)], took=9)

    assert json.loads(json.dumps(told)) == told
    assert (told["breaches"], told["sums"]) == (2, {"messages lost": 1, "files": 4, "audit": 3})
    assert [each["breaches"] for each in told["rounds"]] == [[], ["messages lost"]]


@pytest.mark.parametrize(("lost", "marked"), [(0, 0), (1, 1)])
def test_table_marks_a_breach(lost, marked):
    lines = table([played(1, 4.0, lost=lost)], [])

    assert sum(line.endswith("BREACH") for line in lines) == marked


def test_table_for_the_docs_has_every_figure():
    told = markdown(document(7, [played(1, 4.0)], [], took=9))

    assert "| messages lost | 0 |" in told
    assert "| seconds to normal, max | 4.0 |" in told
