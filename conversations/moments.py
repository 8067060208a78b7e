"""A point of time as its reader sees it."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Moment:
    """A point of time as the reader sees it; the page makes it relative while it is young."""

    at: datetime

    @property
    def clock(self) -> str:
        return format_date(self.at, "H:i")

    @property
    def dated(self) -> str:
        """The time alone today, with its day before."""
        today = timezone.now().astimezone(self.at.tzinfo).date() == self.at.date()
        return self.clock if today else format_date(self.at, "j M, H:i")

    @property
    def full(self) -> str:
        return format_date(self.at, "j M Y, H:i T")

    @property
    def iso(self) -> str:
        return self.at.isoformat(timespec="seconds")

    @property
    def relative(self) -> str:
        minutes = int((timezone.now() - self.at).total_seconds() // 60)
        if minutes < 1:
            return _("just now")
        return _("%d min") % minutes if minutes < 60 else self.clock  # noqa: PLR2004 - an hour
