"""A point of time as its reader sees it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time, get_timezone_name
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from conversations.languages import reading_locale

MINUTE = timedelta(minutes=1)
UNAMBIGUOUS = Locale("en", "GB")


@dataclass(frozen=True)
class Moment:
    """A point of time as the reader sees it; the page makes it relative while it is young."""

    at: datetime

    @property
    def clock(self) -> str:
        return format_time(self.at.time(), "short", locale=reading_locale())

    @property
    def day(self) -> str:
        """The day with its name and year."""
        return format_date(self.at, "full", locale=reading_locale())

    @property
    def dated(self) -> str:
        """The time alone today, with its day before."""
        today = timezone.now().astimezone(self.at.tzinfo).date() == self.at.date()
        if today:
            return self.clock
        return f"{format_skeleton('MMMd', self.at, locale=reading_locale())}, {self.clock}"

    @property
    def full(self) -> str:
        locale = reading_locale()
        zone = get_timezone_name(self.at, width="short", locale=locale)
        return f"{format_date(self.at, 'medium', locale=locale)}, {self.clock} {zone}"

    @property
    def iso(self) -> str:
        return self.at.isoformat(timespec="seconds")

    @property
    def relative(self) -> str:
        minutes = int((timezone.now() - self.at).total_seconds() // 60)
        if minutes < 1:
            return _("just now")
        return _("%d min") % minutes if minutes < 60 else self.clock  # noqa: PLR2004 - an hour


def written(at: datetime) -> str:
    """Return day and time as the reader's language writes them, in the reader's time zone."""
    local, locale = timezone.localtime(at), reading_locale()
    if locale.language == "en":
        locale = UNAMBIGUOUS  # for readers from everywhere
    day = format_date(local, "medium", locale=locale)
    return f"{day}, {format_time(local.time(), 'short', locale=locale)}"


def exact(at: datetime) -> str:
    """Return day and time to the millisecond, in the reader's time zone: as it was recorded."""
    return timezone.localtime(at).isoformat(" ", "milliseconds")[:-6]


def clock_with_seconds(at: datetime) -> str:
    """Return the time alone, to the second, in the reader's time zone."""
    return format_time(timezone.localtime(at).time(), "medium", locale=reading_locale())


def ago(at: datetime) -> str:
    """Return how long ago it was, in one unit."""
    if timezone.now() - at < MINUTE:
        return _("just now")
    return _("%(time)s ago") % {"time": timesince(at, depth=1)}
