"""The fields of request types: what Jira says of each, and which values it takes."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sandbox.jira.documents import document_problem

MAX_SUMMARY = 255
MAX_TEXT = 32_767
_CUSTOM_TYPES = "com.atlassian.jira.plugin.system.customfieldtypes"


@dataclass(frozen=True)
class Field:
    """A field of a site; `choices` are its valid values by id, `kind` Jira's name of its type."""

    id: str
    name: str
    kind: str
    choices: tuple[tuple[str, str], ...] = ()

    @property
    def is_rich(self) -> bool:
        """Return whether its text may be an Atlassian document."""
        return self.kind in {"description", "textarea"}


_SYSTEM = {"summary", "description", "priority"}
_SCHEMAS: dict[str, dict[str, Any]] = {
    "summary": {"type": "string"},
    "description": {"type": "string"},
    "priority": {"type": "priority"},
    "select": {"type": "option"},
    "multicheckboxes": {"type": "array", "items": "option"},
    "textfield": {"type": "string"},
    "textarea": {"type": "string"},
    "float": {"type": "number"},
    "datepicker": {"type": "date"},
    "datetime": {"type": "datetime"},
    "userpicker": {"type": "user"},
}
FIELDS = {
    field.id: field
    for field in (
        Field("summary", "Summary", "summary"),
        Field("description", "Description", "description"),
        Field("priority", "Priority", "priority", (("2", "High"), ("3", "Medium"), ("4", "Low"))),
        Field(
            "customfield_10070",
            "Urgency",
            "select",
            (("10210", "Can wait"), ("10211", "Today"), ("10212", "Now")),
        ),
        Field("customfield_10071", "Location", "textfield"),
        Field("customfield_10072", "Number of people", "float"),
        Field("customfield_10073", "Needed by", "datepicker"),
        Field("customfield_10074", "Approver", "userpicker"),
        Field(
            "customfield_10075",
            "Accessories",
            "multicheckboxes",
            (("10220", "Monitor"), ("10221", "Keyboard"), ("10222", "Headset")),
        ),
        Field("customfield_10076", "What was tried", "textarea"),
        Field("customfield_10077", "Appointment", "datetime"),
    )
}


def schema(field: Field) -> dict[str, Any]:
    """Return what Jira says of a field's type."""
    known = _SCHEMAS[field.kind]
    if field.kind in _SYSTEM:
        return {**known, "system": field.id}
    number = int(field.id.removeprefix("customfield_"))
    return {**known, "custom": f"{_CUSTOM_TYPES}:{field.kind}", "customId": number}


def value_problem(field: Field, value: Any, *, adf: bool, accounts: Collection[str]) -> str | None:
    """Return why Jira would not take this value, or None when it would."""
    if field.kind == "summary":
        return _summary_problem(value)
    if field.is_rich and adf:
        return document_problem(value)
    if field.kind in {"description", "textarea", "textfield"}:
        return _text_problem(value)
    if field.kind == "userpicker":
        named = value.get("accountId") if isinstance(value, dict) else None
        return None if named in accounts else "The user does not exist."
    fits, problem = _KINDS[field.kind]
    return None if fits(field, value) else problem


def _summary_problem(value: Any) -> str | None:
    problem = _text_problem(value)
    if problem:
        return problem
    if "\n" in value or "\r" in value:
        return "The summary is invalid because it contains newline characters."
    return None if len(value) <= MAX_SUMMARY else "Summary must be less than 255 characters."


def _text_problem(value: Any) -> str | None:
    if not isinstance(value, str):
        return "Operation value must be a string."
    if not value.strip():
        return "The text is empty."
    if len(value) <= MAX_TEXT:
        return None
    return f"The entered text is too long. It exceeds the allowed limit of {MAX_TEXT} characters."


def _is_choice(field: Field, value: Any) -> bool:
    if not isinstance(value, dict) or len(value) != 1:
        return False
    # An option may be named too; Jira's own lists, such as priorities, have names and no values.
    by_name = "name" if field.kind == "priority" else "value"
    return any(value in ({"id": number}, {by_name: name}) for number, name in field.choices)


def _are_choices(field: Field, value: Any) -> bool:
    return isinstance(value, list) and all(_is_choice(field, each) for each in value)


def _is_number(_field: Field, value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_date(_field: Field, value: Any) -> bool:
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _is_moment(_field: Field, value: Any) -> bool:
    try:
        return bool(datetime.strptime(value, "%Y-%m-%dT%H:%M:%S.%f%z"))
    except (TypeError, ValueError):
        return False


_KINDS: dict[str, tuple[Callable[[Field, Any], bool], str]] = {
    "select": (_is_choice, "Specify a valid value for the field."),
    "priority": (_is_choice, "Specify a valid value for the field."),
    "multicheckboxes": (_are_choices, "Specify a list of valid values for the field."),
    "float": (_is_number, "The value is not a valid number."),
    "datepicker": (_is_date, "The date is not of the form yyyy-MM-dd."),
    "datetime": (_is_moment, "The date is not of the form yyyy-MM-ddTHH:mm:ss.SSSZ."),
}
