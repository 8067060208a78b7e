"""The list of all sites, from two tables of the public schema and nothing else."""

from datetime import datetime
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Count, F, Max, Min, Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from conversations.moments import ago
from omnichat.figures import STALE_AFTER
from omnichat.operators import wording
from omnichat.operators.filters import LicenceFilter, SchemaFilter, TroubleFilter
from omnichat.operators.site import operators
from omnichat.operators.troubles import in_trouble, with_troubles
from tenants.models import Site, SiteFigures

SUMS = (
    *("inbox_waiting", "outbox_waiting", "quarantined", "outbox_dead"),
    *("messages_in", "messages_out", "failed_sends"),
)


@admin.register(Site, site=operators)
class SiteAdmin(admin.ModelAdmin[Site]):
    list_display = ["name", "standing", "app", "jira", "waiting", "quarantined", "dead"]
    list_display += ["day", "created", "counted"]
    list_display_links = None
    list_filter = ["state", LicenceFilter, SchemaFilter, TroubleFilter]
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
        return super().changelist_view(request, {"title": _("Sites"), **totals()})

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


def totals() -> dict[str, Any]:
    """Return what stands above the list, over all sites: two queries, whatever their number."""
    states = dict(Site.objects.values_list("state").annotate(Count("pk")).order_by())
    in_any = Site.objects.filter(in_trouble()).count()
    active = SiteFigures.objects.filter(site__state=Site.State.ACTIVE)
    late = Q(counted_at=None) | Q(counted_at__lt=timezone.now() - STALE_AFTER)
    found = active.aggregate(
        **{name: Sum(name, default=0) for name in SUMS},
        inbox_oldest_at=Min("inbox_oldest_at"),
        outbox_oldest_at=Min("outbox_oldest_at"),
        first=Min("counted_at"),
        last=Max("counted_at"),
        known=Count("pk"),
        late=Count("pk", filter=late),
    )
    stale = states.get(Site.State.ACTIVE, 0) - found["known"] + found["late"]
    return {
        "states": [(state.label, states.get(state, 0), state.value) for state in Site.State],
        "in_trouble": in_any,
        "found": found,
        "oldest": wording.oldest_of(found["inbox_oldest_at"], found["outbox_oldest_at"]),
        "failed_share": wording.failed_share(found["failed_sends"], found["messages_out"]),
        "counted_between": _counted_between(found["first"], found["last"]),
        "stale": stale
        and ngettext(
            "The figures of %(count)d active site are older than 15 minutes or missing. Look"
            " whether beat and the workers run.",
            "The figures of %(count)d active sites are older than 15 minutes or missing. Look"
            " whether beat and the workers run.",
            stale,
        )
        % {"count": stale},
    }


def _counted_between(first: datetime | None, last: datetime | None) -> str:
    """Say how old the figures are that were summed up."""
    if first is None or last is None:
        return ""
    return _("Counted %(last)s (the newest) to %(first)s (the oldest).") % {
        "last": ago(last),
        "first": ago(first),
    }
