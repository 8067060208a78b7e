"""The console's page of the licence: what Jira last said of it, and what happens without one."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from conversations.admin import figures
from conversations.admin.lozenges import lozenge
from conversations.admin.site import RECORDS, console
from conversations.models import AgentProfile
from conversations.moments import written
from tenants.context import current_site
from tenants.models import Site

SEEN_LATELY = timedelta(days=30)
# Forge's own words, in ours.
PLANS = {
    "capabilityStandard": gettext_lazy("Standard"),
    "capabilityAdvanced": gettext_lazy("Advanced"),
}
KINDS = {
    "commercial": gettext_lazy("Commercial"),
    "academic": gettext_lazy("Academic"),
    "community": gettext_lazy("Community"),
    "developer": gettext_lazy("Developer"),
    "evaluation": gettext_lazy("Trial"),
    "demonstration": gettext_lazy("Demonstration"),
}
PERIODS = {"MONTHLY": gettext_lazy("Monthly"), "ANNUAL": gettext_lazy("Yearly")}


@console.page(
    "licence/",
    gettext_lazy("Licence"),
    permission="logins.view_licence",
    group=RECORDS,
    place=60,
)
def licence(request: HttpRequest) -> HttpResponse:
    site = Site.objects.get(pk=current_site().pk)  # as it is now, whatever this process remembers
    context = {
        **console.each_context(request),
        "title": _("Licence"),
        "facts": list(_facts(site)),
        "consequences": list(_consequences(site)),
    }
    return TemplateResponse(request, "admin/jira_bridge/licence.html", context)


def _facts(site: Site) -> Iterator[tuple[str, Any]]:
    said = site.licence
    yield _("State"), _state(site)
    if said.get("capabilitySet"):
        yield _("Plan"), _in_words(PLANS, said["capabilitySet"])
    if said.get("type"):
        yield _("Type"), _in_words(KINDS, str(said["type"]).lower())
    if said.get("billingPeriod"):
        yield _("Paid"), _in_words(PERIODS, said["billingPeriod"])
    ends = _moment(said.get("trialEndDate") if _is_trial(said) else said.get("subscriptionEndDate"))
    if ends is not None:
        yield _("Valid until"), written(ends)
    if said.get("ccpEntitlementSlug"):
        yield _("Entitlement"), said["ccpEntitlementSlug"]
    since = timezone.now() - SEEN_LATELY
    used = AgentProfile.objects.filter(updated_at__gte=since).count()
    yield _("Agents in the last 30 days"), figures.number(used)


def _state(site: Site) -> str:
    if not site.licence_active:
        return lozenge(_("Not active"), "error")
    if not site.licence:
        return lozenge(_("None needed"))
    if _is_trial(site.licence):
        return lozenge(_("Trial"), "info")
    return lozenge(pgettext("licence", "Active"), "success")


def _consequences(site: Site) -> Iterator[str]:
    """Yield what holds without a licence: as it will be, or as it is."""
    if not site.licence and site.licence_active:
        yield _("Jira says nothing of a licence: this environment of the app needs none.")
        return
    days = settings.LICENCE_GRACE_DAYS
    grace_ends_at = site.grace_ends_at
    if grace_ends_at is None or site.licence_inactive_since is None:
        yield _("When the licence ends, nothing more is sent, and panels become read-only.")
        yield ngettext(
            "Incoming messages still open requests for %(days)d day after that. Later ones are"
            " kept, and open their requests once the licence is renewed.",
            "Incoming messages still open requests for %(days)d days after that. Later ones are"
            " kept, and open their requests once the licence is renewed.",
            days,
        ) % {"days": days}
        return
    yield _("Nothing is sent since %(time)s, and panels are read-only.") % {
        "time": written(site.licence_inactive_since)
    }
    if grace_ends_at > timezone.now():
        text = _("Incoming messages still open requests until %(time)s.")
    else:
        text = _("Incoming messages are kept, but open no requests since %(time)s.")
    yield text % {"time": written(grace_ends_at)}


def _is_trial(said: dict[str, Any]) -> bool:
    return said.get("isEvaluation") is True


def _in_words(words: dict[str, Any], said: object) -> str:
    """Return our word for one of Forge's; a word that is new to us as it comes."""
    return str(words.get(str(said), said))


def _moment(said: object) -> datetime | None:
    try:
        moment = parse_datetime(str(said)) if said else None
    except ValueError:
        return None
    return moment if moment is not None and timezone.is_aware(moment) else None
