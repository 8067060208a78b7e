"""The projects, request types, fields and statuses that every site of the sandbox has."""

from dataclasses import dataclass
from typing import Any

MAX_SUMMARY = 255
MAX_TEXT = 32_767


@dataclass(frozen=True)
class Status:
    """A status of the workflow and the category Jira counts it in."""

    id: str
    name: str
    category: str


@dataclass(frozen=True)
class Field:
    """A field of a request type; `choices` are its valid values by id."""

    id: str
    name: str
    required: bool
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class RequestType:
    """What a customer can ask for at one service desk."""

    id: str
    name: str
    description: str
    desk_id: str
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Desk:
    """A service desk and the project it belongs to."""

    id: str
    project_id: str
    project_key: str
    project_name: str


OPEN = Status("10100", "Waiting for support", "new")
DONE = Status("10103", "Resolved", "done")
STATUSES = (
    OPEN,
    Status("10101", "In progress", "indeterminate"),
    Status("10102", "Waiting for customer", "indeterminate"),
    DONE,
)
CATEGORIES = {
    "undefined": (1, "No Category", "medium-gray"),
    "new": (2, "To Do", "blue-gray"),
    "done": (3, "Done", "green"),
    "indeterminate": (4, "In Progress", "yellow"),
}
ALIASES = {"to do": OPEN.name.lower(), "todo": OPEN.name.lower(), "done": DONE.name.lower()}

_SUMMARY = Field("summary", "Summary", required=True)
_DESCRIPTION = Field("description", "Description", required=True)
_URGENCY = Field(
    "customfield_10070",
    "Urgency",
    required=True,
    choices=(("10210", "Can wait"), ("10211", "Today"), ("10212", "Now")),
)
DESKS = {
    "1": Desk("1", "10000", "SUP", "Support"),
    "2": Desk("2", "10001", "HR", "People and culture"),
}
REQUEST_TYPES = {
    kind.id: kind
    for kind in (
        RequestType("10", "Ask a question", "Anything else.", "1", (_SUMMARY, _DESCRIPTION)),
        RequestType(
            "11", "Report a fault", "Something broke.", "1", (_SUMMARY, _DESCRIPTION, _URGENCY)
        ),
        RequestType("20", "Ask HR", "About your work.", "2", (_SUMMARY, _DESCRIPTION)),
    )
}


def status_by_id(status_id: str) -> Status:
    """Return the status with this id."""
    return next(status for status in STATUSES if status.id == status_id)


def status_by_name(name: str) -> Status | None:
    """Return the status of this name, in any case, if there is one."""
    wanted = ALIASES.get(name.lower(), name.lower())
    return next((status for status in STATUSES if status.name.lower() == wanted), None)


def transitions_from(status: Status) -> dict[str, Status]:
    """Return where an issue in this status may go, by the transition's id."""
    # Ids differ per status, as in Jira: whoever keeps one instead of asking finds it refused.
    row = 10 * (STATUSES.index(status) + 1)
    return {
        str(row + column): target
        for column, target in enumerate(STATUSES, start=1)
        if target != status
    }


def platform_status(status: Status) -> dict[str, Any]:
    """Show a status as /rest/api/3 does."""
    number, name, color = CATEGORIES[status.category]
    category = {"id": number, "key": status.category, "name": name, "colorName": color}
    return {"id": status.id, "name": status.name, "description": "", "statusCategory": category}
