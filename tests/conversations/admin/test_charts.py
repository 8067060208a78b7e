import re
from html.parser import HTMLParser

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from conversations.admin import charts, figures
from conversations.admin.charts import Data, Label, Series


def data(*values, names=("In", "Out"), measure=figures.COUNT):
    labels = [Label(f"{place + 1} Nov", f"{place + 1} November") for place in range(len(values[0]))]
    series = [Series(name, row) for name, row in zip(names, values, strict=False)]
    return Data("messages", "Messages", "Day", labels, series, measure)


def drawn(chart):
    return render_to_string("admin/chart.html", {"chart": chart})


def tops(chart):
    return [level.words for level in chart.levels]


def test_bars_are_as_high_as_their_values_and_stand_on_the_base():
    chart = charts.bars(data([1, 2, 4]))

    assert tops(chart) == ["0", "1", "2", "3", "4"]
    assert [mark.height for mark in chart.marks] == ["40.0", "80.0", "160.0"]
    assert [float(mark.y) + float(mark.height) for mark in chart.marks] == [charts.BASE] * 3


def test_a_second_series_stands_upon_the_first_or_beside_it():
    stacked = charts.bars(data([1], [3]), stacked=True)
    beside = charts.bars(data([1], [3]))

    lower, upper = stacked.marks
    assert float(upper.y) + float(upper.height) == float(lower.y)
    assert lower.x == upper.x
    assert [mark.y for mark in beside.marks] != [lower.y, upper.y]
    assert beside.marks[0].x < beside.marks[1].x


def test_a_line_has_a_gap_where_there_is_no_value():
    chart = charts.lines(data([5, 5, None, 5]))

    assert [len(curve.points.split()) for curve in chart.curves] == [2]
    assert len(chart.marks) == 3


@pytest.mark.parametrize(
    ("highest", "lines"),
    [
        (1, ["0", "1"]),
        (82, ["0", "25", "50", "75", "100"]),
        (0.001, ["0", "0.00025", "0.0005", "0.00075", "0.001"]),
        (987_654_321, ["0", "250M", "500M", "750M", "1B"]),
    ],
)
def test_lines_across_stand_at_round_values(highest, lines):
    measure = figures.COUNT if highest >= 1 else figures.NUMBER

    assert tops(charts.lines(data([highest], measure=measure))) == lines


def test_times_have_round_steps_of_their_own():
    chart = charts.lines(data([7000], measure=figures.DURATION))

    assert tops(chart) == ["0 s", "30 min", "1 h", "1 h 30 min", "2 h"]


def test_values_are_written_as_the_reader_writes_them():
    with translation.override("de"):
        html = drawn(charts.bars(data([1234567])))

    assert "1.234.567" in html
    assert "1,5" in html  # million, at the side


def test_numbers_of_the_drawing_are_not_written_as_the_reader_writes_them():
    with translation.override("de"):
        html = drawn(charts.bars(data([1234, 7], [5, 3]), stacked=True))

    for value in re.findall(r'\b(?:x|y|width|height)="([^"]*)"', html):
        assert re.fullmatch(r"\d+(\.\d+)?%?", value)


@pytest.mark.parametrize("count", [1, 2, 7, 30, 31, 62, 63, 366])
def test_labels_never_touch(count):
    chart = charts.bars(data([3] * count))

    for width, labels in (
        (charts.NARROW, [label for label in chart.labels if label.narrow]),
        (charts.WIDE, chart.labels),
    ):
        edges = [edge for label in labels for edge in span(label, width)]
        assert edges == sorted(edges)
        assert labels


def test_nothing_at_all_is_said_in_words():
    for chart in (charts.bars(data([])), charts.lines(data([0, 0])), charts.lines(data([None]))):
        html = drawn(chart)

        assert "Nothing in this period." in html
        assert "<svg" not in html


def test_a_chart_has_a_name_a_description_and_its_table():
    html = drawn(charts.bars(data([1, 40], [2, 3])))

    assert 'role="img" aria-labelledby="chart-messages-name chart-messages-words"' in html
    assert "In: from 1 to 40, the most at 2 November." in html
    assert "<summary>Table" in html
    assert re.findall(r"<td[^>]*>(.*?)</td>", html) == ["1", "2", "40", "3"]


def test_a_chart_brings_neither_style_nor_script():
    found = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attrs):
            found.append((tag, {name for name, _value in attrs}))

    Reader().feed(drawn(charts.lines(data([1, 40], [2, 3]))))

    assert not {tag for tag, _names in found} & {"style", "script"}
    assert not [names for _tag, names in found if any(n == "style" or n[:2] == "on" for n in names)]


def test_what_labels_and_names_hold_is_only_text():
    chart = charts.bars(Data("x", "T", "D", [Label("<b>")], [Series("<i>", [1])]))

    assert "<b>" not in drawn(chart)
    assert "<i>" not in drawn(chart)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, "–"),  # noqa: RUF001
        (0, "0 s"),
        (59.4, "59 s"),
        (59.6, "1 min"),
        (61, "1 min 1 s"),
        (644, "11 min"),
        (3569, "59 min"),
        (3571, "1 h"),
        (3600, "1 h"),
        (3629, "1 h"),
        (5400, "1 h 30 min"),
        (172_800, "2 d"),
        (176_400, "2 d 1 h"),
    ],
)
def test_durations_are_written_by_two_units_at_most(seconds, words):
    assert figures.duration(seconds) == words


def test_shares_have_one_decimal():
    with translation.override("de"):
        assert figures.percent(0.0912) == "9,1\xa0%"


def span(label, width):
    """Return where a label begins and ends, in pixels."""
    middle = float(label.place.rstrip("%")) / 100 * width
    long = charts.LETTER * len(label.words)
    begin = middle - {"start": 0, "middle": long / 2, "end": long}[label.anchor]
    return begin, begin + long
