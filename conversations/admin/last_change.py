"""Who changed a row last, and when: the line under the title of its page."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db.models import F, OuterRef, Subquery, Value
from django.db.models.functions import Concat, Trim
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from conversations.admin.people import name_of_account
from conversations.models import AuditEvent
from conversations.moments import written

CHANGES = ("settings.changed",)  # looking at a row is recorded too, and changes nothing


@dataclass(frozen=True)
class LastChange:
    who: str
    at: str
    history_url: str  # "" for who may not read the audit log


def last_change(request: HttpRequest, row: Any) -> LastChange | None:
    """Return the newest change of a row that people made in the console; None without one."""
    subject_type, subject_id = row._meta.model_name, str(row.pk)
    names = User.objects.filter(username=OuterRef("actor"))
    full = names.values(name=Trim(Concat(F("first_name"), Value(" "), F("last_name"))))
    newest = (
        AuditEvent.objects.filter(
            subject_id=subject_id, subject_type=subject_type, action__in=CHANGES
        )
        .annotate(name=Subquery(full[:1]))
        .order_by("-occurred_at", "-pk")
        .values_list("name", "actor", "occurred_at")
        .first()
    )
    if newest is None:
        return None
    name, actor, at = newest
    readable = request.user.has_perm("conversations.view_auditevent")
    history = history_url(f"{subject_type}:{subject_id}") if readable else ""
    return LastChange(
        who=name or name_of_account(actor) or _("somebody"), at=written(at), history_url=history
    )


def history_url(subject: str) -> str:
    """Return the page of the audit log about one row, named by model and key."""
    log = reverse("admin:conversations_auditevent_changelist")
    return f"{log}?{urlencode({'subject': subject})}"
