"""Charts of the console: bars and lines as plain SVG that the server draws, with their table.

    chart = charts.bars(
        charts.Data(
            name="messages",                       # unique in its page, for ids
            title=_("Messages per day"),
            heading=_("Day"),                      # of the table's first column
            labels=[charts.Label("22 Nov", "22 November 2026"), …],
            series=[charts.Series(_("In"), [3, …]), charts.Series(_("Out"), [5, …])],
        ),
        stacked=True,
    )
    chart = charts.lines(charts.Data(…, measure=figures.DURATION))  # seconds; None where none is

One or two series. A template shows it by `{% include "admin/chart.html" with chart=chart %}` and
links `console/charts.css`. Text keeps its size in any width: what lies across is in per cent, what
stands is in pixels, and labels that fit in a wide chart alone are hidden in a narrow one.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, zip_longest

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from conversations.admin.figures import COUNT, Measure

TOP, PLOT, FOOT = 10, 160, 24  # pixels: above the highest line, the chart itself, its labels
BASE = TOP + PLOT
NARROW, WIDE = (
    250,
    540,
)  # pixels across: of the narrowest chart, and where the style shows more
LETTER = 7  # pixels that a letter of the labels takes at most
MOST_LINES = 4
MARKED = 62  # of more points none gets a mark of its own, and bars touch each other
FILLED, BROADEST = 0.72, 14  # of its slot, by a bar; and in per cent of the chart
ACROSS = 1000  # units of a line's own coordinates


@dataclass(frozen=True)
class Label:
    """What a point is called under the chart, and in full in the table."""

    short: str
    full: str = ""

    @property
    def words(self) -> str:
        return self.full or self.short


@dataclass(frozen=True)
class Series:
    name: str | Promise
    values: Sequence[float | None]


@dataclass(frozen=True)
class Tick:
    """A line across with its value, or a label under the chart."""

    place: str
    words: str
    anchor: str = "middle"
    narrow: bool = True


@dataclass(frozen=True)
class Mark:
    """One bar, or one point of a line; its numbers are written as SVG reads them."""

    series: int
    words: str
    x: str
    y: str
    width: str = ""
    height: str = ""


@dataclass(frozen=True)
class Curve:
    """A line without a gap, in coordinates that are stretched to the chart's width."""

    series: int
    points: str


@dataclass(frozen=True)
class Data:
    name: str
    title: str
    heading: str
    labels: Sequence[Label]
    series: Sequence[Series]
    measure: Measure = COUNT

    @cached_property
    def rows(self) -> list[tuple[float | None, ...]]:
        """Every label's values, one of each series."""
        return list(zip_longest(*(one.values for one in self.series)))

    def point(self, place: int, series: int) -> str:
        said = {
            "label": self.labels[place].words,
            "series": self.series[series].name,
            "value": self.measure.full(self.rows[place][series]),
        }
        return _("%(label)s: %(value)s (%(series)s)") % said

    def table(self) -> list[tuple[str, list[str]]]:
        return [
            (label.words, [self.measure.full(value) for value in row])
            for label, row in zip(self.labels, self.rows, strict=True)
        ]


@dataclass(frozen=True)
class Chart:
    """What the template draws."""

    data: Data
    kind: str
    highest: float
    marks: Sequence[Mark]
    curves: Sequence[Curve] = ()

    top, base, plot, height, across = TOP, BASE, PLOT, BASE + FOOT, ACROSS

    @property
    def empty(self) -> bool:
        return not any(value for row in self.data.rows for value in row)

    @property
    def dense(self) -> bool:
        return len(self.data.rows) > MARKED

    @cached_property
    def levels(self) -> list[Tick]:
        """The lines across, from the lowest."""
        step = _step(self.highest, self.data.measure)
        return [
            Tick(_px(BASE - n * PLOT * step / self._top), self.data.measure.short(n * step))
            for n in range(round(self._top / step) + 1)
        ]

    @property
    def _top(self) -> float:
        return _top(self.highest, self.data.measure)

    @property
    def axis(self) -> int:
        """How many pixels the values at its side take."""
        return LETTER * max(len(level.words) for level in self.levels) + 12

    @cached_property
    def labels(self) -> list[Tick]:
        """Those of the labels that find room without touching."""
        words = [label.short for label in self.data.labels]
        if not words:
            return []
        room = 1.5 * LETTER * max(map(len, words)) + 6
        wide = math.ceil(len(words) * room / WIDE)
        narrow = wide * math.ceil(len(words) * room / NARROW / wide)
        return [
            Tick(*_beneath(place, word, len(words)), narrow=place % narrow == 0)
            for place, word in enumerate(words)
            if place % wide == 0
        ]

    @property
    def description(self) -> str:
        """What the chart shows in a sentence for each series."""
        return " ".join(filter(None, map(self._described, range(len(self.data.series)))))

    def _described(self, series: int) -> str:
        known = [(row[series], place) for place, row in enumerate(self.data.rows)]
        values = [(value, -place) for value, place in known if value is not None]
        if not values:
            return ""
        (least, _least_at), (most, at) = min(values), max(values)
        said = {
            "series": self.data.series[series].name,
            "least": self.data.measure.full(least),
            "most": self.data.measure.full(most),
            "label": self.data.labels[-at].words,
        }
        return _("%(series)s: from %(least)s to %(most)s, the most at %(label)s.") % said


def bars(data: Data, *, stacked: bool = False) -> Chart:
    """Return a chart of bars, those of two series beside or upon each other."""
    totals = [sum(value or 0 for value in row) for row in data.rows]
    highest = max(totals if stacked else _known(data), default=0)
    return Chart(data, "bars", highest, list(_bars(data, _top(highest, data.measure), stacked)))


def lines(data: Data) -> Chart:
    """Return a chart of lines; where a value is None, the line has a gap."""
    highest = max(_known(data), default=0)
    top = _top(highest, data.measure)
    marks: list[Mark] = []
    curves: list[Curve] = []
    for series, one in enumerate(data.series):
        places = range(len(one.values))
        for there, run in groupby(places, key=lambda place: one.values[place] is not None):
            if not there:
                continue
            piece = [(place, (one.values[place] or 0) / top) for place in run]
            if len(piece) > 1:
                curves.append(Curve(series, " ".join(_points(piece, len(places)))))
            if len(piece) == 1 or len(places) <= MARKED:
                marks += [_spot(data, series, place, share) for place, share in piece]
    return Chart(data, "lines", highest, marks, curves)


def _bars(data: Data, top: float, stacked: bool) -> Iterator[Mark]:  # noqa: FBT001
    slot = 100 / max(len(data.rows), 1)
    room = slot if len(data.rows) > MARKED else min(slot * FILLED, BROADEST)
    width = room if stacked else room / max(len(data.series), 1)
    for place, row in enumerate(data.rows):
        base = float(BASE)
        left = place * slot + (slot - room) / 2
        for series, value in enumerate(row):
            if not value:
                continue
            height = max(value / top * PLOT, 1)
            x = left if stacked else left + series * width
            at = _per(x), _px(base - height), _per(width), _px(height)
            yield Mark(series, data.point(place, series), *at)
            base -= height if stacked else 0


def _points(piece: Sequence[tuple[int, float]], count: int) -> Iterator[str]:
    for place, share in piece:
        yield f"{(place + 0.5) * ACROSS / count:.1f},{PLOT - share * PLOT:.1f}"


def _spot(data: Data, series: int, place: int, share: float) -> Mark:
    x = _per((place + 0.5) * 100 / len(data.rows))
    return Mark(series, data.point(place, series), x, _px(BASE - share * PLOT))


def _beneath(place: int, word: str, count: int) -> tuple[str, str, str]:
    """Return where a label stands: amid its slot, or from its edge where it would be cut off."""
    half = LETTER * len(word) / 2
    slot, middle = 100 / count, (place + 0.5) / count
    if middle * NARROW < half:
        return _per(place * slot), word, "start"
    if (1 - middle) * NARROW < half:
        return _per((place + 1) * slot), word, "end"
    return _per(middle * 100), word, "middle"


def _known(data: Data) -> list[float]:
    return [value for row in data.rows for value in row if value is not None]


def _step(highest: float, measure: Measure) -> float:
    return measure.round_up(highest / MOST_LINES)


def _top(highest: float, measure: Measure) -> float:
    step = _step(highest, measure)
    return step * max(math.ceil(highest / step - 1e-9), 1)


def _per(value: float) -> str:
    return f"{value:.3f}%"


def _px(value: float) -> str:
    return f"{value:.1f}"
