"""Who changed a row last, and when: the line under the title of its page."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from conversations.admin.people import called
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
    newest = (
        AuditEvent.objects.filter(
            subject_id=subject_id, subject_type=subject_type, action__in=CHANGES
        )
        .order_by("-occurred_at", "-pk")
        .values_list("actor", "occurred_at")
        .first()
    )
    if newest is None:
        return None
    actor, at = newest
    readable = request.user.has_perm("conversations.view_auditevent")
    history = history_url(f"{subject_type}:{subject_id}") if readable else ""
    who = called(actor) or _("somebody")
    return LastChange(who=who, at=written(at), history_url=history)


def history_url(subject: str) -> str:
    """Return the page of the audit log about one row, named by model and key."""
    log = reverse("admin:conversations_auditevent_changelist")
    return f"{log}?{urlencode({'subject': subject})}"
