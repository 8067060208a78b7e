"""Values for the other fields that a chosen request type requires."""

import pytest

from conversations.models import AuditEvent
from jira_bridge.catalogue import Field, Kind
from jira_bridge.models import RequestDefaults
from tests.consoles import owners_client
from tests.factories import RequestDefaultsFactory
from tests.jira_bridge import desks
from tests.jira_bridge.choosing import FAULT, HOW, IDS, LIST, errors, page

pytestmark = pytest.mark.django_db

URGENCY = f"value_{desks.URGENCY.id}"


def test_type_with_other_required_fields_comes_back_with_inputs_for_them(known_types):
    response = owners_client().post(f"{LIST}add/", FAULT)

    form = response.context["adminform"].form
    assert errors(response)["request_type"] == [
        "Enter a value for Urgency, which “Report a fault” requires."
    ]
    assert form.fields[URGENCY].choices == [
        ("", "Choose"),
        ("10210", "Can wait"),
        ("10211", "Today"),
    ]
    assert form["request_type"].value() == "1:11"


def test_what_was_typed_comes_back_with_the_inputs(known_types):
    typed = {**FAULT, "summary_pattern": "Hello from {number}", "mask_number": "on"}

    form = owners_client().post(f"{LIST}add/", typed).context["adminform"].form

    assert (form["summary_pattern"].value(), form["mask_number"].value()) == (
        "Hello from {number}",
        True,
    )


def test_value_of_a_required_field_is_saved_as_jira_takes_it(known_types):
    owners_client().post(f"{LIST}add/", {**FAULT, URGENCY: "10211"})

    assert RequestDefaults.objects.current().field_values == {desks.URGENCY.id: {"id": "10211"}}


def test_saved_value_is_shown(known_types):
    defaults = RequestDefaultsFactory(
        request_type_id="11", field_values={desks.URGENCY.id: {"id": "10211"}}
    )

    form = owners_client().get(page(defaults)).context["adminform"].form

    assert form[URGENCY].value() == "10211"


def test_every_kind_of_required_field_has_an_input(known_types):
    kinds = [Kind.TEXT, Kind.RICH_TEXT, Kind.NUMBER, Kind.DATE, Kind.DATETIME]
    boxes = Field("boxes", "Boxes", required=True, kind=Kind.CHOICES, choices=(("1", "A"),))
    some = [Field(kind.name, kind.name, required=True, kind=kind) for kind in kinds]
    desks.keep_fields("1", "11", *some, boxes)
    typed = ["Zagreb", "Two\r\nlines", "4.5", "2027-03-01", "2027-03-01T09:30"]
    values = {f"value_{kind.name}": value for kind, value in zip(kinds, typed, strict=True)}

    response = owners_client().post(f"{LIST}add/", {**FAULT, **values, "value_boxes": ["1"]})

    assert response.status_code == 302
    stored = RequestDefaults.objects.current().field_values
    assert stored.pop("RICH_TEXT")["type"] == "doc"
    assert stored == {
        "TEXT": "Zagreb",
        "NUMBER": 4.5,
        "DATE": "2027-03-01",
        "DATETIME": "2027-03-01T09:30:00.000+0000",
        "boxes": [{"id": "1"}],
    }


def test_saving_such_values_again_records_nothing(known_types):
    day = Field("day", "Day", required=True, kind=Kind.DATE)
    moment = Field("moment", "Moment", required=True, kind=Kind.DATETIME)
    desks.keep_fields("1", "11", desks.URGENCY, day, moment)
    typed = {
        **FAULT,
        URGENCY: "10211",
        "value_day": "2027-03-01",
        "value_moment": "2027-03-01T09:30",
    }
    client = owners_client()
    client.post(f"{LIST}add/", typed)

    client.post(page(RequestDefaults.objects.current()), typed)

    assert AuditEvent.objects.count() == 1


def test_default_of_jiras_is_filled_in(known_types):
    urgency = Field(
        "customfield_10070",
        "Urgency",
        required=True,
        kind=Kind.CHOICE,
        choices=desks.URGENCY.choices,
        default=("10210",),
    )
    desks.keep_fields("1", "11", urgency)

    owners_client().post(f"{LIST}add/", FAULT)

    assert RequestDefaults.objects.current().field_values == {desks.URGENCY.id: {"id": "10210"}}


def test_type_with_a_field_that_cannot_be_filled_in_is_refused(known_types):
    approver = Field("approver", "Approver", required=True, kind=Kind.OTHER)
    desks.keep_fields("1", "11", approver)

    response = owners_client().post(f"{LIST}add/", FAULT)

    assert errors(response) == {
        "request_type": [
            "OmniChat cannot fill in Approver of “Report a fault”. Choose another type."
        ]
    }


def test_values_of_another_type_are_not_kept_with_ids_that_could_not_be_checked(acme):
    defaults = RequestDefaultsFactory(request_type_id="10", field_values={"f": "x"})

    owners_client().post(page(defaults), IDS)

    assert RequestDefaults.objects.current().field_values == {}


def test_values_stay_while_jira_cannot_be_asked(acme):
    defaults = RequestDefaultsFactory(request_type_id="11", field_values={"f": "x"})

    owners_client().post(page(defaults), {**IDS, "mask_number": "on"})

    saved = RequestDefaults.objects.current()
    assert (saved.field_values, saved.mask_number) == ({"f": "x"}, True)


def test_type_is_checked_against_jira_when_it_is_chosen(jira, installation, known_types):
    desks.answer_fields(jira, "1", "10", desks.field("place", name="Place"))

    response = owners_client().post(f"{LIST}add/", {**HOW, "request_type": "1:10"})

    assert errors(response)["request_type"] == [
        "Enter a value for Place, which “Ask a question” requires."
    ]
    assert RequestDefaults.objects.current() is None
