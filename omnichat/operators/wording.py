"""How the operators' pages say things: states, ages, shares."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from babel.dates import format_date
from django.conf import settings
from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from django.utils.formats import localize
from django.utils.functional import Promise
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.timesince import timesince, timeuntil
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from conversations.admin.lozenges import Level, lozenge
from conversations.languages import reading_locale
from conversations.moments import UNAMBIGUOUS, ago, written
from omnichat.figures import STALE_AFTER
from omnichat.operators.troubles import troubles_of
from tenants.models import Installation, Site, SiteFigures

NOTHING = "–"  # noqa: RUF001 - what a cell without a word shows
STATES: dict[str, tuple[str | Promise, Level]] = {
    Site.State.INSTALLING: (gettext_lazy("Installing"), "info"),
    Site.State.ACTIVE: (pgettext_lazy("site", "Active"), "success"),
    Site.State.SUSPENDED: (gettext_lazy("Suspended"), "warning"),
    Site.State.UNINSTALLED: (gettext_lazy("Uninstalled"), "neutral"),
}
NEVER = datetime.min.replace(tzinfo=UTC)


def with_installations(sites: QuerySet[Site]) -> QuerySet[Site]:
    """Have `live_installations` read with each site, without their tokens."""
    live = Installation.objects.filter(removed_at=None).defer("system_token")
    found = Prefetch(
        "installations", queryset=live.order_by("-seen_at"), to_attr="live_installations"
    )
    return sites.prefetch_related(found)


def figures_of(site: Site) -> SiteFigures:
    """Return a site's figures; all nothing before it was counted for the first time."""
    return getattr(site, "figures", None) or SiteFigures(site=site)


def jira_host(site: Site) -> str:
    return urlsplit(site.url).netloc or site.url


def state(site: Site) -> SafeString:
    words, level = STATES[site.state]
    return lozenge(str(words), level)


def licence(site: Site) -> SafeString:
    """Return a lozenge of the licence, or nothing while it is active."""
    ends_at = site.grace_ends_at
    if site.licence_active:
        return SafeString()
    if ends_at is not None and ends_at > timezone.now():
        return lozenge(_("Grace until %(day)s") % {"day": day(ends_at)}, "warning")
    return lozenge(_("Licence ended"), "error")


def grace_limit(now: datetime) -> datetime:
    """Since when or longer a site is without a licence whose grace is over."""
    return now - timedelta(days=settings.LICENCE_GRACE_DAYS)


def troubles(site: Site) -> list[SafeString]:
    return [lozenge(str(each.label), "error") for each in troubles_of(site)]


def versions(site: Site) -> list[str]:
    found: list[Installation] = site.live_installations
    return [f"{each.environment} {each.app_version}".strip() for each in found]


def schema(site: Site) -> str:
    missing = figures_of(site).missing_migrations
    if not missing:
        return ""
    words = ngettext("%(count)d migration missing", "%(count)d migrations missing", missing)
    return words % {"count": missing}


def heard(site: Site) -> str:
    """Return when Forge itself called last."""
    found: list[Installation] = site.live_installations
    last = max((each.heard_at for each in found), default=None)
    return _("Heard %(ago)s") % {"ago": ago(last)} if last else _("Not installed")


def token(site: Site) -> str:
    """Return for how long there is a token yet, and nothing where none is needed."""
    found: list[Installation] = site.live_installations
    return token_until(max((_end(each) for each in found), default=None)) if found else ""


def token_until(ends_at: datetime | None) -> str:
    if ends_at is None or ends_at == NEVER:
        return _("No token")
    if ends_at <= timezone.now():
        return _("Token ended %(ago)s") % {"ago": ago(ends_at)}
    return _("Token for %(time)s") % {"time": timeuntil(ends_at, depth=1)}


def disconnected(site: Site) -> str:
    since = site.disconnected_since
    return _("Disconnected since %(time)s") % {"time": written(since)} if since else ""


def oldest(found: SiteFigures) -> str:
    return oldest_of(found.inbox_oldest_at, found.outbox_oldest_at)


def oldest_of(*moments: datetime | None) -> str:
    first = min((moment for moment in moments if moment), default=None)
    return _("oldest %(time)s") % {"time": timesince(first, depth=1)} if first else ""


def failed_share(failed: int, sent: int) -> str:
    if not failed:
        return ""
    share = localize(round(100 * failed / max(sent, failed), 1))
    return _("%(count)d failed (%(share)s\N{NO-BREAK SPACE}%%)") % {"count": failed, "share": share}


def counted(site: Site) -> SafeString | str:
    found = figures_of(site)
    if found.counted_at is None:
        return ""
    late = site.state == Site.State.ACTIVE and found.counted_at < timezone.now() - STALE_AFTER
    return lozenge(ago(found.counted_at), "warning") if late else ago(found.counted_at)


def day(moment: datetime) -> str:
    locale = reading_locale()
    locale = UNAMBIGUOUS if locale.language == "en" else locale
    return format_date(timezone.localtime(moment), "medium", locale=locale)


def lines(*parts: str) -> SafeString:
    """Return what there is of these, each on a line of its own."""
    return _joined(part for part in parts if part) or SafeString(NOTHING)


def _end(installation: Installation) -> datetime:
    return installation.system_token_expires_at or NEVER


def _joined(parts: Iterable[str]) -> SafeString:
    return format_html_join(SafeString("<br>"), "{}", ((part,) for part in parts))
