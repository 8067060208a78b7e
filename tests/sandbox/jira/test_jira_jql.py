"""The JQL that the sandbox's search understands, and what it refuses."""

import re
from datetime import UTC, datetime

import pytest
import time_machine

from sandbox.jira.issues import now_ms
from sandbox.jira.jql import JqlError, search

NOW = now_ms()


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(datetime.fromtimestamp(NOW / 1000, UTC), tick=False):
        yield


def issue(number, **changes):
    return {
        "id": str(10_000 + number),
        "key": f"SUP-{100 + number}",
        "desk_id": "1",
        "fields": {"summary": f"SMS request from 38599190332{number}"},
        "reporter": "557058:app",
        "status": "10100",
        "created": NOW - number * 60_000,
        "updated": NOW - number * 60_000,
        "properties": {},
    } | changes


ONE = issue(1, properties={"omnichat": {"value": {"conversation": "c-1"}, "set_at": NOW}})
SIX = issue(6, status="10103")
CUSTOMERS = issue(3, reporter="qm:x:y", desk_id="2")
ALL = [ONE, SIX, CUSTOMERS]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ('project = SUP AND reporter = "557058:app" AND created >= -5m', [ONE]),
        ('issue.property[omnichat].conversation = "c-1"', [ONE]),
        ('issue.property[omnichat].conversation = "c-2"', []),
        ('issue.property[omnichat].conversation != "c-2"', [ONE]),
        ('summary ~ "request 385991903321"', [ONE]),
        ("updated >= -4m order by created", [CUSTOMERS, ONE]),
        ("project = HR", [CUSTOMERS]),
        ('project in (SUP, "HR") order by key', [ONE, CUSTOMERS, SIX]),
        ('reporter in ("qm:x:y", "qm:x:z")', [CUSTOMERS]),
        ('reporter not in ("qm:x:y")', [ONE, SIX]),
        ('created >= "-4m" order by created ASC', [CUSTOMERS, ONE]),
        ("issue.property[omnichat].conversation IS NOT EMPTY AND updated >= -75m", [ONE]),
        ("issue.property[omnichat].conversation is empty", [CUSTOMERS, SIX]),
        ("status not in (Resolved, 'In progress') ORDER BY updated", [CUSTOMERS, ONE]),
        ("statusCategory != Done and project = 'Support'", [ONE]),
        ("key = sup-106", [SIX]),
        ('created <= "2020-01-31 10:00"', []),
    ],
)
def test_search_finds(query, found):
    assert search(ALL, query) == found


@pytest.mark.parametrize(
    "query",
    [
        "",
        "order by created",
        "project = SUP OR project = HR",
        "project in ()",
        "project = NOWHERE",
        "status is empty",
        "created in (-5m)",
        "colour = red",
        "project ~ SUP",
        "created >= yesterday",
        'summary ~ "unclosed',
        "project = SUP order by colour",
    ],
)
def test_search_refuses(query):
    with pytest.raises(JqlError):
        search(ALL, query)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("colour = red", "Field 'colour' does not exist or you do not have permission to view it."),
        ("project = NO", "The value 'NO' does not exist for the field 'project'."),
        ("reporter ~ x", "The operator '~' is not supported by the 'reporter' field."),
    ],
)
def test_a_wrong_query_is_refused_whatever_there_is_to_find(query, words):
    with pytest.raises(JqlError, match=re.escape(words)):
        search([], query)
