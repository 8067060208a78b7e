"""Whether the audit log is whole, on the console: asked for, seen, and warned of."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from babel.numbers import format_decimal
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from conversations.admin import trail
from conversations.admin.notices import Notice
from conversations.admin.people import called
from conversations.admin.site import console
from conversations.languages import reading_locale
from conversations.models import AuditRemoval, AuditSeal, ChainCheck
from conversations.services import chain_checks

LOG = "admin:conversations_auditevent_changelist"


@dataclass(frozen=True)
class Standing:
    """What is known of the chain: the last check that has ended, one under way, the last seal."""

    last: ChainCheck | None
    asked_by: str
    running: ChainCheck | None
    sealed_at: datetime | None
    removed: AuditRemoval | None

    @property
    def counted(self) -> str:
        return _counted(self.last)

    @property
    def counted_so_far(self) -> str:
        return _counted(self.running)


def standing_of_chain() -> Standing:
    checks = list(ChainCheck.objects.all()[:2])
    last = next((check for check in checks if check.ended_at), None)
    running = checks[0] if checks and checks[0].ended_at is None else None
    return Standing(
        last=last or ChainCheck.objects.exclude(ended_at=None).first(),
        asked_by=called(last.asked_by) if last and last.asked_by else "",
        running=running,
        sealed_at=AuditSeal.objects.order_by("-pk").values_list("sealed_at", flat=True).first(),
        removed=AuditRemoval.objects.order_by("-pk").first(),
    )


@console.page(
    "audit-log/check/",
    gettext_lazy("Check the chain"),
    permission="conversations.view_auditevent",
)
def check_audit(request: HttpRequest) -> HttpResponse:
    """Have workers check the whole chain; the audit log's page says what came out."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    check = chain_checks.ask(request.user.get_username())
    trail.record(request, "audit.check-asked", subject=check)
    messages.info(request, _("The chain is being checked. The result will be shown on this page."))
    return HttpResponseRedirect(reverse(LOG))


def broken_notice() -> Iterator[Notice]:
    """Yield that the last check has found the audit log changed."""
    last = ChainCheck.objects.exclude(ended_at=None).first()
    if last is not None and last.broken_seal is not None:
        yield Notice(
            "error",
            _("The audit log was changed in the database"),
            _("The last check found a seal that does not fit. See which one, and what to do."),
            reverse(LOG),
        )


def _counted(check: ChainCheck | None) -> str:
    if check is None:
        return ""
    events, seals = (
        format_decimal(number, locale=reading_locale()) for number in (check.events, check.seals)
    )
    return _("%(events)s in %(seals)s.") % {
        "events": ngettext("%s event", "%s events", check.events) % events,
        "seals": ngettext("%s seal", "%s seals", check.seals) % seals,
    }
