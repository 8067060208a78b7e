"""Figures as the reader writes them: numbers, shares, and how long something took."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from babel.numbers import format_compact_decimal, format_decimal, format_percent
from django.utils.translation import gettext as _

from conversations.languages import reading_locale

MINUTE, HOUR, DAY = 60, 3600, 86400
FEW_MINUTES = 10
SHORT_HOURS = 48
NONE = "–"  # noqa: RUF001 - a dash, where there is no figure
# Round steps between a chart's lines, in seconds; longer ones are whole days.
TIMES = (
    *(1, 2, 5, 10, 20, 30),
    *(n * MINUTE for n in (1, 2, 5, 10, 15, 30)),
    *(n * HOUR for n in (1, 2, 3, 6, 12)),
)


@dataclass(frozen=True)
class Measure:
    """What the values are: how they are written, and the round steps between a chart's lines."""

    short: Callable[[float], str]
    full: Callable[[float | None], str]
    round_up: Callable[[float], float]


def number(value: float | None) -> str:
    if value is None:
        return NONE
    exact = float(f"{value:.3g}") if abs(value) < 1 else value
    return format_decimal(exact, locale=reading_locale(), decimal_quantization=abs(value) >= 1)


def compact(value: float) -> str:
    """Write large numbers shortly, as there is room for at the side of a chart."""
    if value < 10_000:  # noqa: PLR2004 - these are read better in full
        return number(value)
    return format_compact_decimal(value, locale=reading_locale(), fraction_digits=1)


def percent(share: float | None) -> str:
    if share is None:
        return NONE
    return format_percent(round(share, 3), locale=reading_locale(), decimal_quantization=False)


def duration(seconds: float | None) -> str:
    """Write how long something took, by two units at most."""
    if seconds is None:
        return NONE
    whole = round(seconds)
    if whole < MINUTE:
        return _("%(seconds)d s") % {"seconds": whole}
    if whole < HOUR - MINUTE / 2:
        minutes, rest = divmod(whole, MINUTE)
        if minutes >= FEW_MINUTES:
            minutes, rest = round(whole / MINUTE), 0
        words = _("%(minutes)d min %(seconds)d s") if rest else _("%(minutes)d min")
        return words % {"minutes": minutes, "seconds": rest}
    if whole < SHORT_HOURS * HOUR:
        hours, minutes = divmod(round(whole / MINUTE), 60)
        words = _("%(hours)d h %(minutes)d min") if minutes else _("%(hours)d h")
        return words % {"hours": hours, "minutes": minutes}
    days, hours = divmod(round(whole / HOUR), 24)
    words = _("%(days)d d %(hours)d h") if hours else _("%(days)d d")
    return words % {"days": days, "hours": hours}


def _round_number(value: float) -> float:
    if value <= 0:
        return 1
    power = 10.0 ** math.floor(math.log10(value))
    return next(n * power for n in (1, 2, 2.5, 5, 10) if n * power >= value * (1 - 1e-9))


def _round_count(value: float) -> float:
    return math.ceil(_round_number(max(value, 1)))


def _round_time(value: float) -> float:
    if value > TIMES[-1]:
        return _round_count(value / DAY) * DAY
    return next(time for time in TIMES if time >= value)


COUNT = Measure(compact, number, _round_count)
NUMBER = Measure(compact, number, _round_number)
DURATION = Measure(duration, duration, _round_time)
