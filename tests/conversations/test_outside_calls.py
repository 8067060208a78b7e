"""Calls to neighbours are timed by neighbour and outcome, which alarms go by."""

from types import SimpleNamespace

import pytest

from conversations.outside_calls import timed
from tests.figures import counted

SECONDS = "omnichat_outside_call_seconds_count"


@pytest.mark.parametrize(
    ("status", "outcome"), [(204, "2xx"), (404, "4xx"), (429, "429"), (503, "5xx")]
)
def test_answer_is_handed_on_and_counted_by_its_class(status, outcome):
    answer = SimpleNamespace(status_code=status)
    before = counted(SECONDS, neighbour="tests", outcome=outcome)

    assert timed("tests", lambda: answer) is answer

    assert counted(SECONDS, neighbour="tests", outcome=outcome) == before + 1


def test_call_without_an_answer_is_counted_as_that():
    def fail():
        raise TimeoutError

    before = counted(SECONDS, neighbour="tests", outcome="none")

    with pytest.raises(TimeoutError):
        timed("tests", fail)

    assert counted(SECONDS, neighbour="tests", outcome="none") == before + 1
