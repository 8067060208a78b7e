"""Values of a request type's fields: as people type them, and as Jira takes them."""

from datetime import date, datetime
from typing import Any

from jira_bridge import adf
from jira_bridge.catalogue import Field, Kind


def as_jira(field: Field, typed: Any) -> Any:
    """Return what a form's input has given, as Jira takes it in a new request."""
    match field.kind:
        case Kind.CHOICE:
            return {"id": typed}
        case Kind.CHOICES:
            return [{"id": each} for each in typed]
        case Kind.RICH_TEXT:
            return adf.document(typed.replace("\r\n", "\n"))
        case Kind.DATE:
            return typed.isoformat()
        case Kind.DATETIME:
            return typed.strftime("%Y-%m-%dT%H:%M:%S.000%z")
        case _:
            return typed


def as_typed(field: Field, value: Any) -> Any:
    """Return what an input shows for a value of Jira's; None when the field does not take it."""
    match field.kind, value:
        case Kind.CHOICE, {"id": str() as chosen}:
            typed: Any = chosen if _valid(field, [chosen]) else None
        case Kind.CHOICES, list():
            several = [str(each.get("id")) for each in value if isinstance(each, dict)]
            typed = several if _valid(field, several) else None
        case Kind.RICH_TEXT, dict():
            typed = adf.plain_text(value)
        case ((Kind.DATE | Kind.DATETIME), str()):
            typed = _moment(field, value)
        case (Kind.TEXT, str()) | (Kind.NUMBER, int() | float()):
            typed = value
        case _:
            typed = None
    return None if typed in ("", []) else typed


def _valid(field: Field, chosen: list[str]) -> bool:
    return set(chosen) <= {value for value, _label in field.choices}


def _moment(field: Field, value: str) -> date | datetime | None:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    if field.kind == Kind.DATE:
        return moment.date()
    return moment if moment.tzinfo else None
