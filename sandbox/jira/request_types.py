"""The request types of a site: those it starts with, and what its admins have changed since."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sandbox.jira.errors import control_refusal
from sandbox.jira.fields import FIELDS, Field
from sandbox.jira.sites import Site
from sandbox.store import Store


@dataclass(frozen=True)
class RequestType:
    """What a customer can ask for at one service desk, and which fields the form has."""

    id: str
    name: str
    description: str
    desk_id: str
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()

    @property
    def fields(self) -> tuple[Field, ...]:
        """Return the fields of the form, the required ones first."""
        return tuple(FIELDS[name] for name in (*self.required, *self.optional))


_BOTH = ("summary", "description")
REQUEST_TYPES = {
    kind.id: kind
    for kind in (
        RequestType("10", "Ask a question", "Anything else.", "1", _BOTH),
        RequestType("11", "Report a fault", "Something broke.", "1", (*_BOTH, "customfield_10070")),
        RequestType(
            "12",
            "Book a visit",
            "Somebody comes to you.",
            "1",
            (*_BOTH, "customfield_10071", "customfield_10072", "customfield_10073"),
        ),
        RequestType(
            "13", "Ask for access", "Somebody must agree.", "1", (*_BOTH, "customfield_10074")
        ),
        RequestType("14", "Call me back", "No more than a line.", "1", ("summary",), ("priority",)),
        RequestType("20", "Ask HR", "About your work.", "2", _BOTH),
        RequestType(
            "30",
            "Something does not work",
            "Devices and programs.",
            "3",
            ("summary",),
            ("description", "customfield_10076", "priority"),
        ),
        RequestType("31", "New equipment", "What you need.", "3", _BOTH, ("customfield_10075",)),
    )
}


class RequestTypes:
    """Finds a site's request types and changes them as its admins would."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def of_desk(self, site: Site, desk_id: str) -> list[RequestType]:
        """Return the request types of a service desk that are not deleted."""
        mine = [kind_id for kind_id, kind in REQUEST_TYPES.items() if kind.desk_id == desk_id]
        return [kind for kind in (self.get(site, each) for each in mine) if kind]

    def get(self, site: Site, kind_id: str) -> RequestType | None:
        """Return a request type as it is now, or None when there is none."""
        kind = REQUEST_TYPES.get(kind_id)
        change = self._store.get(_kind(site), kind_id) or {}
        if kind is None or change.get("deleted"):
            return None
        return _with_required(kind, change["required"]) if "required" in change else kind

    def change(
        self,
        site: Site,
        kind_id: str,
        *,
        required: list[str] | None = None,
        deleted: bool | None = None,
    ) -> RequestType:
        """Make other fields required, or delete a type or bring it back; returns what it was."""
        kind = REQUEST_TYPES.get(kind_id)
        if kind is None:
            raise control_refusal(400, "There is no such request type.")
        if required is not None and set(required) - FIELDS.keys():
            raise control_refusal(400, f"The fields are {', '.join(FIELDS)}.")
        change = self._store.get(_kind(site), kind_id) or {}
        change |= {} if required is None else {"required": required}
        change |= {} if deleted is None else {"deleted": deleted}
        self._store.put(_kind(site), kind_id, change)
        return kind


def _with_required(kind: RequestType, required: Iterable[str]) -> RequestType:
    """Return the type with these fields required; its others stay on the form."""
    wanted = tuple(required)
    rest = tuple(name for name in (*kind.required, *kind.optional) if name not in wanted)
    return replace(kind, required=wanted, optional=rest)


def _kind(site: Site) -> str:
    return f"jira_request_type/{site.slug}"
