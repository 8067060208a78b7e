"""What Jira lets the app ask in an hour: points that all sites share, and the stop when they end.

Source: Jira Cloud's rate limits. The quota of the whole app begins anew with each hour, UTC; calls
cost one point and one more for each issue or list entry that comes back.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from conversations.errors import TemporaryFailure
from tenants.models import CallQuota, Installation

NAME = "jira"
# Calls that can wait leave this share of the hour's points to those that open requests.
SHARE_OF_SPARE_CALLS = 0.8


class QuotaUsedUp(TemporaryFailure):
    """Jira takes no call before `until`: nothing was asked."""

    def __init__(self, until: datetime) -> None:
        left = max((until - timezone.now()).total_seconds(), 1.0)
        super().__init__(f"Jira's limit is reached until {until:%H:%M} UTC.", retry_after=left)
        self.until = until


def in_words(failure: Exception) -> str:
    """Say to people why there is no answer of Jira's."""
    if isinstance(failure, QuotaUsedUp):
        until = f"{failure.until:%H:%M}"
        return _("Jira's limit is reached until %(time)s UTC. Try again then.") % {"time": until}
    return _("Jira does not answer. Try again in a moment.")


def spend(points: int, *, installation: Installation | None = None, spare: bool = False) -> None:
    """Count a call before it leaves. Raises QuotaUsedUp: then it must not.

    A `spare` call is one that may as well be made in another hour.
    """
    now = timezone.now()
    if installation is not None and installation.held_until and installation.held_until > now:
        raise QuotaUsedUp(installation.held_until)
    hour = now.replace(minute=0, second=0, microsecond=0)
    allowed = settings.JIRA_POINTS_PER_HOUR * (SHARE_OF_SPARE_CALLS if spare else 1)
    if not _add(points, hour, allowed=int(allowed), now=now):
        raise QuotaUsedUp(held_until() or hour + timedelta(hours=1))


def count(points: int) -> None:
    """Count what an answer has cost."""
    if points:
        now = timezone.now()
        _add(points, now.replace(minute=0, second=0, microsecond=0))


def hold_everyone(seconds: float) -> QuotaUsedUp:
    """Jira says that the whole app's points are used up: no site asks anything for a while."""
    until = timezone.now() + timedelta(seconds=seconds)
    CallQuota.objects.update_or_create(
        name=NAME,
        defaults={"held_until": until},
        create_defaults={"held_until": until, "hour": timezone.now()},
    )
    return QuotaUsedUp(until)


def hold_site(installation: Installation, seconds: float) -> QuotaUsedUp:
    """Jira says that one site's points are used up; the others go on."""
    installation.held_until = timezone.now() + timedelta(seconds=seconds)
    Installation.objects.filter(pk=installation.pk).update(held_until=installation.held_until)
    return QuotaUsedUp(installation.held_until)


def held_until() -> datetime | None:
    """Until when no site may ask Jira anything; None when all may."""
    quota = CallQuota.objects.filter(name=NAME, held_until__gt=timezone.now()).first()
    return quota.held_until if quota else None


def _add(
    points: int, hour: datetime, *, allowed: int | None = None, now: datetime | None = None
) -> bool:
    """Add to what the hour has cost; not, where a limit is given, beyond it or during a hold."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO public.tenants_callquota AS quota (name, hour, points)
            VALUES (%(name)s, %(hour)s, %(points)s)
            ON CONFLICT (name) DO UPDATE SET
                points = excluded.points
                    + CASE WHEN quota.hour = excluded.hour THEN quota.points ELSE 0 END,
                hour = excluded.hour
            WHERE %(allowed)s::bigint IS NULL
                OR (excluded.points
                    + CASE WHEN quota.hour = excluded.hour THEN quota.points ELSE 0 END
                    <= %(allowed)s::bigint
                    AND (quota.held_until IS NULL OR quota.held_until <= %(now)s))
            """,
            {"name": NAME, "hour": hour, "points": points, "allowed": allowed, "now": now},
        )
        return bool(cursor.rowcount)
