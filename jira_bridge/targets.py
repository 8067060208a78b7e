"""Where requests are opened and as what: by the sender, and whether Jira would take them there."""

from collections.abc import Sequence
from typing import Any

from babel.lists import format_list
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from conversations import outbox
from conversations.contracts import Promise
from conversations.errors import TemporaryFailure
from conversations.languages import reading_locale
from conversations.models import OutboxEntry, Sender
from jira_bridge import catalogue
from jira_bridge.catalogue import Field, Kind
from jira_bridge.field_values import as_typed
from jira_bridge.models import RequestDefaults, RequestTarget, SenderRule

TOPIC = "request-types.check"
LONGEST = 500  # characters of a problem
WRITTEN_BY_US = ("summary", "description")


def target_for(sender: Sender | None, defaults: RequestDefaults) -> RequestTarget:
    """Return where requests of customers go who wrote to this sender.

    Raises TemporaryFailure while that is chosen neither for the sender nor for all.
    """
    target = SenderRule.objects.filter(sender=sender).first() or defaults
    if target.pk is None:
        raise TemporaryFailure("No default request type is chosen in the console.")
    return target


def fields_of(target: RequestTarget, summary: str, description: Any) -> dict[str, Any]:
    """Return a new request's field values: only of fields that its type is known to have."""
    values = {**target.field_values, "summary": summary, "description": description}
    known = _kept_fields(target)
    if known is None:
        return values
    shown = {"summary", *(field.id for field in known)}
    return {name: value for name, value in values.items() if name in shown}


def to_fill_in(fields: tuple[Field, ...]) -> list[Field]:
    """Return the fields that need a value of the console's."""
    return [field for field in fields if field.required and field.id not in WRITTEN_BY_US]


def name_of(target: RequestTarget) -> str:
    """Name the desk and the type, as far as they are known."""
    return names_of([target])[0]


def names_of(targets: Sequence[RequestTarget]) -> list[str]:
    """Name the desk and the type of each, with one query for all of them."""
    desks, types = catalogue.kept_names()
    return [
        "{} / {}".format(
            desks.get(target.service_desk_id)
            or _("Service desk %(desk)s") % {"desk": target.service_desk_id},
            types.get(_ids(target))
            or _("Request type %(type)s") % {"type": target.request_type_id},
        )
        for target in targets
    ]


def told_problem(target: RequestTarget) -> str:
    """Say what is wrong with a target in its reader's language, where we can."""
    return (problem_of(target) or target.problem) if target.problem else ""


def problem_of(target: RequestTarget) -> str:
    """Say what Jira would refuse in a request like this, and what to do; "" when nothing is known.

    By what is kept in the catalogue: Jira is not asked.
    """
    if catalogue.kept_desks() is not None and _desk(target) is None:
        text = _(
            "Service desk %(desk)s no longer exists in Jira, or is closed to OmniChat. Choose"
            " another."
        )
        return text % {"desk": target.service_desk_id}
    request_type = _request_type(target)
    if request_type is None:
        if catalogue.kept_request_types(target.service_desk_id) is None:
            return ""
        text = _("Request type %(type)s no longer exists in Jira. Choose another.")
        return text % {"type": target.request_type_id}
    if not request_type.can_create:
        text = _("Jira lets no requests be created as “%(type)s”. Choose another type.")
        return text % {"type": request_type.name}
    fields = _kept_fields(target)
    return "" if fields is None else _problem_of_fields(target, request_type.name, fields)[:LONGEST]


def ask_for_check() -> None:
    """Have every chosen request type checked against Jira soon; once for many who ask."""
    with transaction.atomic():
        waiting = OutboxEntry.objects.pending().filter(topic=TOPIC, claim=None)
        # Locked, so that no worker begins it before what is decided here can be seen.
        if not waiting.select_for_update(skip_locked=True).first():
            outbox.promise(TOPIC, group="request-types", subject="")


def take_change_of_types() -> None:
    """Jira says that desks or request types have changed: what is known of them may be wrong."""
    catalogue.forget()
    ask_for_check()


def keep_check(promise: Promise) -> None:  # noqa: ARG001 - all checks are the same
    """Keep the promise of a check."""
    check_targets()


def check_targets() -> None:
    """Read the chosen desks, types and fields from Jira again, and note what it would refuse."""
    targets: list[RequestTarget] = [*RequestDefaults.objects.all(), *SenderRule.objects.all()]
    known_before = [_kept_fields(target) for target in targets]
    _read_again(targets)
    mended = False
    for target, before in zip(targets, known_before, strict=True):
        problem = problem_of(target)
        # What Jira refused for a reason we did not know may pass with the fields known now.
        mended |= not problem and (bool(target.problem) or before != _kept_fields(target))
        # Only if nobody has chosen another type meanwhile.
        rows = SenderRule.objects if isinstance(target, SenderRule) else RequestDefaults.objects
        rows.filter(
            pk=target.pk,
            service_desk_id=target.service_desk_id,
            request_type_id=target.request_type_id,
            field_values=target.field_values,
        ).update(problem=problem, checked_at=timezone.now())
    if mended:
        try_requests_again()


def try_requests_again() -> None:
    """Open the requests now that waited for another choice, or were refused for the last one."""
    outbox.hasten("request.open")
    outbox.revive("request.open")


def _read_again(targets: list[RequestTarget]) -> None:
    existing = {desk.id for desk in catalogue.desks(refresh=True)}
    chosen = {target.service_desk_id for target in targets} & existing
    offered = {
        (desk_id, each.id)
        for desk_id in chosen
        for each in catalogue.request_types(desk_id, refresh=True)
    }
    wanted = {(target.service_desk_id, target.request_type_id) for target in targets}
    for desk_id, type_id in wanted & offered:
        catalogue.fields(desk_id, type_id, refresh=True)


def _problem_of_fields(target: RequestTarget, name: str, fields: tuple[Field, ...]) -> str:
    if "summary" not in {field.id for field in fields}:
        text = _("“%(type)s” has no summary to fill in. Show it in Jira, or choose another type.")
        return text % {"type": name}
    needed = to_fill_in(fields)
    if other := [field.name for field in needed if field.kind == Kind.OTHER]:
        text = _("OmniChat cannot fill in %(fields)s of “%(type)s”. Choose another type.")
        return text % {"fields": _listed(other), "type": name}
    values = target.field_values
    if missing := [field.name for field in needed if field.id not in values]:
        text = _("Enter a value for %(fields)s, which “%(type)s” requires.")
        return text % {"fields": _listed(missing), "type": name}
    refused = [field.name for field in needed if as_typed(field, values[field.id]) is None]
    if refused:
        text = _("What is chosen for %(fields)s is no longer valid in Jira. Choose again.")
        return text % {"fields": _listed(refused)}
    return ""


def _desk(target: RequestTarget) -> catalogue.Desk | None:
    known = catalogue.kept_desks() or ()
    return next((desk for desk in known if desk.id == target.service_desk_id), None)


def _request_type(target: RequestTarget) -> catalogue.RequestType | None:
    known = catalogue.kept_request_types(target.service_desk_id) or ()
    return next((each for each in known if each.id == target.request_type_id), None)


def _kept_fields(target: RequestTarget) -> tuple[Field, ...] | None:
    return catalogue.kept_fields(target.service_desk_id, target.request_type_id)


def _ids(target: RequestTarget) -> tuple[str, str]:
    return target.service_desk_id, target.request_type_id


def _listed(names: list[str]) -> str:
    return format_list(names, locale=reading_locale())
