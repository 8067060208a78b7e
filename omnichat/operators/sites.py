"""The list of all sites, from two tables of the public schema and nothing else."""

from typing import Any, ClassVar

from babel.lists import format_list
from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations.languages import reading_locale
from omnichat.operators import wording
from omnichat.operators.filters import (
    LicenceFilter,
    SchemaFilter,
    StateFilter,
    TroubleFilter,
)
from omnichat.operators.installation import silent_kinds
from omnichat.operators.site import operators
from omnichat.operators.totals import totals
from omnichat.operators.troubles import with_troubles
from tenants.models import Site


@admin.register(Site, site=operators)
class SiteAdmin(admin.ModelAdmin[Site]):
    list_display = ["name", "standing", "app", "jira", "waiting", "quarantined", "dead"]
    list_display += ["day", "created", "counted"]
    list_display_links = None
    list_filter = [StateFilter, LicenceFilter, SchemaFilter, TroubleFilter]
    list_per_page = 50
    search_fields = ["slug", "cloud_id", "url"]
    search_help_text = gettext_lazy("Name, Jira host or cloud id")
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_max_show_all = 0
    ordering = ["slug"]
    actions = None
    change_list_template = "operator/sites.html"

    class Media:
        css: ClassVar[dict[str, Any]] = {"all": ["operator/operator.css"]}

    def get_urls(self) -> list[URLPattern]:
        # The list alone: a site is neither made, changed nor deleted by a form.
        view = self.admin_site.admin_view(self.changelist_view)
        return [path("", view, name="tenants_site_changelist")]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Site | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Site | None = None) -> bool:
        return False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Let the list be narrowed by its filters alone."""
        names = {getattr(each, "parameter_name", f"{each}__exact") for each in self.list_filter}
        return lookup in names

    def get_queryset(self, request: HttpRequest) -> QuerySet[Site]:
        sites = with_troubles(super().get_queryset(request)).select_related("figures")
        annotated: QuerySet[Site] = wording.with_installations(sites).annotate(
            waiting_now=F("figures__inbox_waiting") + F("figures__outbox_waiting"),
            messages_now=F("figures__messages_in") + F("figures__messages_out"),
        )
        return annotated

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().changelist_view(
            request, {"title": _("Sites"), "silent": _silence(), **totals()}
        )

    @admin.display(description=gettext_lazy("Site"), ordering="slug")
    def name(self, site: Site) -> SafeString:
        address = operators.address("site", str(site.pk))
        host = wording.jira_host(site)
        return format_html('<a href="{}">{}</a><br><small>{}</small>', address, site.slug, host)

    @admin.display(description=gettext_lazy("State"), ordering="state")
    def standing(self, site: Site) -> SafeString:
        parts = [wording.state(site), wording.licence(site), *wording.troubles(site)]
        return format_html_join(" ", "{}", ((part,) for part in parts))

    @admin.display(description=gettext_lazy("App"))
    def app(self, site: Site) -> SafeString:
        return wording.lines(*wording.versions(site), wording.schema(site))

    @admin.display(description=gettext_lazy("Jira"))
    def jira(self, site: Site) -> SafeString:
        return wording.lines(wording.heard(site), wording.token(site), wording.disconnected(site))

    @admin.display(description=gettext_lazy("Waiting"), ordering="waiting_now")
    def waiting(self, site: Site) -> SafeString | str:
        found = wording.figures_of(site)
        if not found.counted_at:
            return wording.NOTHING
        words = _("%(incoming)d in, %(outgoing)d out") % {
            "incoming": found.inbox_waiting,
            "outgoing": found.outbox_waiting,
        }
        return wording.lines(words, wording.oldest(found))

    @admin.display(description=gettext_lazy("Quarantine"), ordering="figures__quarantined")
    def quarantined(self, site: Site) -> int:
        return wording.figures_of(site).quarantined

    @admin.display(description=gettext_lazy("Given up"), ordering="figures__outbox_dead")
    def dead(self, site: Site) -> int:
        return wording.figures_of(site).outbox_dead

    @admin.display(description=gettext_lazy("24 hours"), ordering="messages_now")
    def day(self, site: Site) -> SafeString:
        found = wording.figures_of(site)
        words = _("%(incoming)d in, %(outgoing)d out") % {
            "incoming": found.messages_in,
            "outgoing": found.messages_out,
        }
        return wording.lines(words, wording.failed_share(found.failed_sends, found.messages_out))

    @admin.display(description=gettext_lazy("Since"), ordering="created_at")
    def created(self, site: Site) -> str:
        return wording.day(site.created_at)

    @admin.display(description=gettext_lazy("Counted"), ordering="figures__counted_at")
    def counted(self, site: Site) -> SafeString | str:
        return wording.counted(site) or wording.NOTHING


def _silence() -> str:
    """Say what does not run; which the list's figures cannot show, for they only grow old."""
    silent = silent_kinds()
    named = {"kinds": format_list(silent, locale=reading_locale())} if silent else {}
    return _("Not heard from: %(kinds)s.") % named if silent else ""
