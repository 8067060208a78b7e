"""The console's page of what was looked for after an outage, with the button that looks now."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from channels import reconcile
from channels.models import ProviderAccount, Reconciliation
from conversations.admin import trail
from conversations.admin.pages import ReadOnlyAdmin
from conversations.admin.site import RECORDS, console
from conversations.moments import written

CAUSES = {
    Reconciliation.Cause.OUTAGE: gettext_lazy("After an outage"),
    Reconciliation.Cause.ADMIN: gettext_lazy("Somebody asked"),
    Reconciliation.Cause.SCHEDULE: gettext_lazy("By schedule"),
}


SHOWN = ("began", "why", "who", "from_when", "stands", "messages_found", "reports_found")


@admin.register(Reconciliation, site=console)
class ReconciliationAdmin(ReadOnlyAdmin[Reconciliation]):
    empty_text = gettext_lazy("Nothing was looked for yet: the webhook was never interrupted.")
    group = RECORDS
    place = 40
    list_display = fields = readonly_fields = SHOWN
    list_display_links = None
    change_list_template = "admin/channels/reconciliation/change_list.html"

    def title_of(self, obj: Reconciliation | None) -> str:
        return written(obj.begun_at) if obj else super().title_of(obj)

    @admin.display(description=gettext_lazy("Begun"))
    def began(self, asked: Reconciliation) -> str:
        return written(asked.begun_at)

    @admin.display(description=gettext_lazy("Because"))
    def why(self, asked: Reconciliation) -> str:
        return str(CAUSES[Reconciliation.Cause(asked.cause)])

    @admin.display(description=gettext_lazy("Asked by"))
    def who(self, asked: Reconciliation) -> str:
        return asked.asked_by

    @admin.display(description=gettext_lazy("Looked back to"))
    def from_when(self, asked: Reconciliation) -> str:
        return written(asked.since)

    @admin.display(description=gettext_lazy("Result"))
    def stands(self, asked: Reconciliation) -> str:
        if asked.ended_at is None:
            return _("Under way")
        return asked.problem or _("Done")

    @admin.display(description=gettext_lazy("New messages"))
    def messages_found(self, asked: Reconciliation) -> int:
        return asked.messages

    @admin.display(description=gettext_lazy("New reports"))
    def reports_found(self, asked: Reconciliation) -> int:
        return asked.reports

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_POST(self.fetch_missed))
        return [path("fetch/", view, name="fetch_missed"), *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        account = ProviderAccount.objects.connected()
        context = {
            "may_ask": account is not None and _may_ask(request),
            "pulls_inbox": account is not None and account.pulls_inbox,
        }
        return super().changelist_view(request, context | (extra_context or {}))

    def fetch_missed(self, request: HttpRequest) -> HttpResponse:
        if not _may_ask(request):
            raise PermissionDenied
        with transaction.atomic():
            reconcile.ask(Reconciliation.Cause.ADMIN, by=request.user.get_username())
            trail.record(request, "provider.asked-for-missed")
        self.message_user(request, _("Infobip is being asked. Reload this page in a moment."))
        return HttpResponseRedirect(reverse("admin:channels_reconciliation_changelist"))


def _may_ask(request: HttpRequest) -> bool:
    return request.user.has_perm("channels.change_provideraccount")
