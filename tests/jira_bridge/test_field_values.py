"""Values of fields, as people type them and as Jira takes them."""

from datetime import UTC, date, datetime

import pytest

from jira_bridge.catalogue import Field, Kind
from jira_bridge.field_values import as_jira, as_typed
from tests.jira_bridge import desks

BOXES = Field("b", "Boxes", required=True, kind=Kind.CHOICES, choices=(("1", "A"), ("2", "B")))


def of_kind(kind):
    return Field("f", "F", required=True, kind=kind)


@pytest.mark.parametrize(
    ("field", "typed", "value"),
    [
        (desks.URGENCY, "10210", {"id": "10210"}),
        (BOXES, ["1", "2"], [{"id": "1"}, {"id": "2"}]),
        (of_kind(Kind.TEXT), "Zagreb", "Zagreb"),
        (of_kind(Kind.NUMBER), 4.5, 4.5),
        (of_kind(Kind.DATE), date(2027, 3, 1), "2027-03-01"),
        (
            of_kind(Kind.DATETIME),
            datetime(2027, 3, 1, 9, 30, tzinfo=UTC),
            "2027-03-01T09:30:00.000+0000",
        ),
    ],
)
def test_value_is_typed_one_way_and_sent_another(field, typed, value):
    assert as_jira(field, typed) == value
    assert as_typed(field, value) == typed


def test_long_text_travels_as_a_document():
    value = as_jira(of_kind(Kind.RICH_TEXT), "One\r\ntwo")

    assert value["type"] == "doc"
    assert as_typed(of_kind(Kind.RICH_TEXT), value) == "One\ntwo"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (desks.URGENCY, "10210"),
        (desks.URGENCY, {"value": "Today"}),
        (BOXES, [{"id": "1"}, {"id": "9"}]),
        (BOXES, []),
        (of_kind(Kind.TEXT), ""),
        (of_kind(Kind.TEXT), {"id": "1"}),
        (of_kind(Kind.NUMBER), "4"),
        (of_kind(Kind.DATE), "tomorrow"),
        (of_kind(Kind.DATETIME), "2027-03-01T09:30:00"),
        (of_kind(Kind.OTHER), "x"),
    ],
)
def test_value_of_another_kind_is_not_taken(field, value):
    assert as_typed(field, value) is None
