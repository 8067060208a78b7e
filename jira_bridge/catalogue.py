"""Service desks, request types and their fields: asked of Jira once and kept, never polled."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from django.db.models import Min, Q
from django.utils import timezone

from conversations.errors import PermanentFailure
from jira_bridge.client import JiraClient
from jira_bridge.http import RefusedByJira
from jira_bridge.models import CatalogueEntry
from jira_bridge.tokens import app_client

Thing = TypeVar("Thing")

DESKS = "desks"
TIMEOUT = 8  # seconds: somebody may be waiting in the console
# Fields of these kinds are not set by the id of one of their valid values.
WITHOUT_IDS = {"string", "user", "group", "attachment", "option-with-child"}
SYSTEM_RICH_TEXT = {"description", "environment"}


class Kind(StrEnum):
    """How a field is filled in."""

    CHOICE = "choice"
    CHOICES = "choices"
    TEXT = "text"
    RICH_TEXT = "rich text"
    NUMBER = "number"
    DATE = "date"
    DATETIME = "datetime"
    OTHER = "other"  # by OmniChat, not at all


@dataclass(frozen=True)
class Desk:
    id: str
    key: str
    name: str

    def __str__(self) -> str:
        return f"{self.name} ({self.key})"


@dataclass(frozen=True)
class RequestType:
    id: str
    name: str
    can_create: bool = True


@dataclass(frozen=True)
class Field:
    """A field of a request type's form; `choices` are value and label, `default` values."""

    id: str
    name: str
    required: bool
    kind: Kind
    choices: tuple[tuple[str, str], ...] = ()
    default: tuple[str, ...] = ()


def desks(*, refresh: bool = False) -> tuple[Desk, ...]:
    """Return the service desks that the app sees; raises what a call to Jira does."""
    kept = None if refresh else kept_desks()
    if kept is not None:
        return kept
    found = tuple(map(_desk, _client().service_desks()))
    _keep(DESKS, found)
    of_desks = CatalogueEntry.objects.filter(name__startswith=_types_of(""))
    of_desks.exclude(name__in=[_types_of(desk.id) for desk in found]).delete()
    return found


def request_types(desk_id: str, *, refresh: bool = False) -> tuple[RequestType, ...]:
    """Return a desk's request types; raises what a call to Jira does."""
    kept = None if refresh else kept_request_types(desk_id)
    if kept is None:
        kept = tuple(map(_request_type, _client().request_types(desk_id)))
        _keep(_types_of(desk_id), kept)
    return kept


def fields(desk_id: str, type_id: str, *, refresh: bool = False) -> tuple[Field, ...]:
    """Return the fields that a request type shows; raises what a call to Jira does."""
    kept = None if refresh else kept_fields(desk_id, type_id)
    if kept is None:
        found = _client().request_type_fields(desk_id, type_id)
        # A hidden field has a preset value, and is nobody's to fill in.
        kept = tuple(_field(each) for each in found if each.get("visible") is not False)
        _keep(_fields_of(desk_id, type_id), kept)
    return kept


def load(*, refresh: bool = False) -> None:
    """Have the desks and the types of each at hand; raises what a call to Jira does."""
    for desk in desks(refresh=refresh):
        try:
            request_types(desk.id, refresh=refresh)
        except (PermanentFailure, RefusedByJira):
            continue  # closed to the app, which says nothing of the next desk


def kept_desks() -> tuple[Desk, ...] | None:
    """Return the desks without asking Jira; None when they are not known."""
    return _kept(DESKS, lambda said: Desk(**said))


def kept_request_types(desk_id: str) -> tuple[RequestType, ...] | None:
    """Return a desk's request types without asking Jira; None when they are not known."""
    return _kept(_types_of(desk_id), lambda said: RequestType(**said))


def kept_names() -> tuple[dict[str, str], dict[tuple[str, str], str]]:
    """Return what the known desks are called, and the types by desk and id, in one query."""
    lists = CatalogueEntry.objects.filter(Q(name=DESKS) | Q(name__startswith=_types_of("")))
    known = {entry.name: entry.content for entry in lists}
    desks_known = {said["id"]: str(Desk(**said)) for said in known.get(DESKS, [])}
    types = {
        (desk_id, said["id"]): said["name"]
        for desk_id in desks_known
        for said in known.get(_types_of(desk_id), [])
    }
    return desks_known, types


def kept_fields(desk_id: str, type_id: str) -> tuple[Field, ...] | None:
    """Return a request type's fields without asking Jira; None when they are not known."""
    return _kept(_fields_of(desk_id, type_id), _kept_field)


def loaded_at() -> datetime | None:
    """Since when the oldest of the lists of desks and types is kept."""
    lists = CatalogueEntry.objects.filter(Q(name=DESKS) | Q(name__startswith=_types_of("")))
    oldest: datetime | None = lists.aggregate(at=Min("fetched_at"))["at"]
    return oldest


def forget(desk_id: str = "") -> None:
    """Drop the lists of desks and of types, of one desk or all: they have changed in Jira.

    What is known of fields stays: requests are opened by it until it was read anew, which happens
    whenever a type is chosen or checked.
    """
    types = Q(name=_types_of(desk_id)) if desk_id else Q(name__startswith=_types_of(""))
    CatalogueEntry.objects.filter(Q(name=DESKS) | types).delete()


def _client() -> JiraClient:
    return replace(app_client(spare=True), read_timeout=TIMEOUT)


def _types_of(desk_id: str) -> str:
    return f"types/{desk_id}"


def _fields_of(desk_id: str, type_id: str) -> str:
    return f"fields/{desk_id}/{type_id}"


def _keep(name: str, found: tuple[Any, ...]) -> None:
    content = [asdict(each) for each in found]
    CatalogueEntry.objects.update_or_create(
        name=name, defaults={"content": content, "fetched_at": timezone.now()}
    )


def _kept(name: str, read: Callable[[Any], Thing]) -> tuple[Thing, ...] | None:
    if "\0" in name:  # the ids may be what somebody has posted
        return None
    entry = CatalogueEntry.objects.filter(name=name).first()
    return None if entry is None else tuple(map(read, entry.content))


def _kept_field(said: dict[str, Any]) -> Field:
    choices = tuple((value, label) for value, label in said["choices"])
    kind, default = Kind(said["kind"]), tuple(said["default"])
    return Field(**{**said, "kind": kind, "choices": choices, "default": default})


def _desk(said: dict[str, Any]) -> Desk:
    desk_id, key = str(said.get("id") or ""), str(said.get("projectKey") or "")
    return Desk(id=desk_id, key=key, name=str(said.get("projectName") or key or desk_id))


def _request_type(said: dict[str, Any]) -> RequestType:
    type_id = str(said.get("id") or "")
    return RequestType(
        id=type_id,
        name=str(said.get("name") or type_id),
        can_create=said.get("canCreateRequest") is not False,
    )


def _field(said: dict[str, Any]) -> Field:
    field_id, valid = str(said.get("fieldId") or ""), _objects(said.get("validValues"))
    schema = said.get("jiraSchema")
    return Field(
        id=field_id,
        name=str(said.get("name") or field_id),
        required=said.get("required") is True,
        kind=_kind(schema if isinstance(schema, dict) else {}, valid),
        choices=tuple((_value(each), str(each.get("label") or _value(each))) for each in valid),
        default=tuple(map(_value, _objects(said.get("defaultValues")))),
    )


def _kind(schema: dict[str, Any], valid: list[dict[str, Any]]) -> Kind:
    kind = schema.get("type")
    if any(each.get("children") for each in valid):
        return Kind.OTHER
    if kind == "array":
        by_id = valid and schema.get("items") not in WITHOUT_IDS
        return Kind.CHOICES if by_id else Kind.OTHER
    if valid and kind not in WITHOUT_IDS:
        return Kind.CHOICE
    if kind == "string":
        rich = str(schema.get("custom") or "").endswith(":textarea")
        return Kind.RICH_TEXT if rich or schema.get("system") in SYSTEM_RICH_TEXT else Kind.TEXT
    return Kind(kind) if kind in {Kind.NUMBER, Kind.DATE, Kind.DATETIME} else Kind.OTHER


def _objects(values: Any) -> list[dict[str, Any]]:
    return [each for each in values or [] if isinstance(each, dict)]


def _value(said: dict[str, Any]) -> str:
    return str(said.get("value") or "")
