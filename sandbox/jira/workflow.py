"""The projects and statuses that every site of the sandbox has."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Status:
    """A status of the workflow and the category Jira counts it in."""

    id: str
    name: str
    category: str


@dataclass(frozen=True)
class Desk:
    """A service desk and its project; a restricted one is for customers that were added to it."""

    id: str
    project_id: str
    project_key: str
    project_name: str
    restricted: bool = False


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

DESKS = {
    "1": Desk("1", "10000", "SUP", "Support"),
    "2": Desk("2", "10001", "HR", "People and culture"),
    "3": Desk("3", "10002", "ITH", "IT help", restricted=True),
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
