"""What the Overview shows: what is left to set up, a week of messages, health, what waits."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from babel.dates import format_skeleton
from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Count, Q
from django.db.models.functions import TruncDate
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from conversations.admin import charts, figures, piles
from conversations.admin.checklist import checklist_for
from conversations.admin.health import health_for
from conversations.admin.notices import Notice, notices
from conversations.contracts import SendState
from conversations.languages import reading_locale
from conversations.models import Message, Send

DAYS = 7
READ_CONVERSATIONS = "conversations.view_conversation"
IN, OUT = Message.Direction.IN, Message.Direction.OUT


@dataclass(frozen=True)
class Figure:
    name: str
    value: str
    share: str = ""
    url: str = ""


def overview(request: HttpRequest) -> dict[str, Any]:
    """Return what the Overview shows to this reader, beside what every page does."""
    user = request.user
    checklist = checklist_for(user)
    shown: dict[str, Any] = {"notices": _notices(), "checklist": checklist}
    if user.has_perm("logins.view_overview"):
        found = piles.piles_for(user)
        waiting = sum(pile.count for pile in found if not pile.failed)
        counts = _counts_of_days()
        health = health_for(user)
        shown |= {
            "figures": [*_totals(counts, user), Figure(_("Waiting now"), figures.number(waiting))],
            "chart": _chart(counts),
            "health": health,
            "ails": any(each.health.state == "bad" for each in health),
            "piles": [pile for pile in found if pile.count],
        }
    return shown


def _notices() -> list[Notice]:
    """Leave out what the checklist says too, until there is talk that suffers from it."""
    found = notices()
    if any(notice.is_step for notice in found) and not Message.objects.exists():
        return [notice for notice in found if not notice.is_step]
    return found


def _week() -> list[date]:
    today = timezone.localdate()
    return [today - timedelta(days=days) for days in reversed(range(DAYS))]


def _beginning() -> datetime:
    """Midnight of the first day, in the reader's time zone."""
    first = _week()[0]
    return datetime(first.year, first.month, first.day, tzinfo=timezone.get_current_timezone())


def _counts_of_days() -> Mapping[tuple[date, str], int]:
    found = (
        Message.objects.filter(created_at__gte=_beginning())
        .values_list(TruncDate("created_at"), "direction")
        .annotate(count=Count("pk"))
        .order_by()
    )
    return {(day, direction): count for day, direction, count in found}


def _totals(counts: Mapping[tuple[date, str], int], user: User | AnonymousUser) -> list[Figure]:
    totals = {way: sum(n for (_day, one), n in counts.items() if one == way) for way in (IN, OUT)}
    sends = Send.objects.filter(created_at__gte=_beginning()).aggregate(
        all=Count("pk"), failed=Count("pk", filter=Q(state=SendState.FAILED))
    )
    share = figures.percent(sends["failed"] / sends["all"]) if sends["failed"] else ""
    return [
        Figure(_("Messages in"), figures.number(totals[IN])),
        Figure(_("Messages out"), figures.number(totals[OUT])),
        Figure(
            _("Failed"),
            figures.number(sends["failed"]),
            share,
            _failed_page() if sends["failed"] and user.has_perm(READ_CONVERSATIONS) else "",
        ),
    ]


def _failed_page() -> str:
    return f"{reverse('admin:conversations_conversation_changelist')}?failed=only"


def _chart(counts: Mapping[tuple[date, str], int]) -> charts.Chart:
    week, locale = _week(), reading_locale()
    return charts.bars(
        charts.Data(
            name="week",
            title=_("Messages per day"),
            heading=_("Day"),
            labels=[
                charts.Label(
                    format_skeleton("Ed", day, locale=locale),
                    format_skeleton("yMMMEd", day, locale=locale),
                )
                for day in week
            ],
            series=[
                charts.Series(_("In"), [counts.get((day, IN), 0) for day in week]),
                charts.Series(_("Out"), [counts.get((day, OUT), 0) for day in week]),
            ],
        )
    )
