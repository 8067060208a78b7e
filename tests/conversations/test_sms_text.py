"""SMS parts, look-alikes and refusals: a table reckoned by hand, and what holds for any text."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.sms_text import (
    NationalTable,
    TextProblemCode,
    alphabets,
    counter,
    look_alike_saving,
    measure,
    normalise,
    plain,
    refusal,
    split,
)

CASES = json.loads((Path(__file__).parents[1] / "payloads/sms_text_cases.json").read_text("utf-8"))

# Dense in what breaks counting: borders of alphabets, pairs, joiners, line ends, look-alikes.
awkward = st.sampled_from("aé€{ščığ😀👨\u200d🇭🇷\r\n\t\u00a0\u2019\u201c\u2026\u0301`")
texts = st.one_of(
    st.text(st.one_of(awkward, st.characters(exclude_categories=["Cs"])), max_size=500),
    st.text("a€{", min_size=140, max_size=500),
    st.text("š😀", min_size=60, max_size=300),
)
tables = st.sampled_from(NationalTable)


@pytest.mark.parametrize("case", CASES["measures"], ids=lambda case: case["name"])
def test_measure_agrees_with_the_table(case):
    size = measure(written_out(case["text"]), national=NationalTable[case.get("national", "NONE")])

    assert size.encoding == case["encoding"]
    assert (size.units, size.parts) == (case["units"], case["parts"])
    assert (size.used_in_last_part, size.capacity_of_a_part) == (case["used"], case["capacity"])
    assert size.unicode_characters == tuple(case.get("unicode", ()))


@pytest.mark.parametrize(
    "case", [case for case in CASES["measures"] if "cuts" in case], ids=lambda case: case["name"]
)
def test_text_is_cut_where_the_table_says(case):
    national = NationalTable[case.get("national", "NONE")]
    text = written_out(case["text"])

    parts = split(text, national=national)

    alphabet = alphabets.choose(text, national)
    assert [sum(map(alphabet.cost, part)) for part in parts] == case["cuts"]


@pytest.mark.parametrize("case", CASES["look_alikes"], ids=lambda case: case["name"])
def test_look_alikes_agree_with_the_table(case):
    text, expected = written_out(case["text"]), written_out(case["plain"])

    saving = look_alike_saving(text)

    assert plain(text) == expected
    assert (saving.parts_saved if saving else 0) == case.get("saved", 0)
    assert (saving.replaced if saving else ()) == tuple(case.get("replaced", ()))


@pytest.mark.parametrize("case", CASES["refusals"], ids=lambda case: case["name"])
def test_refusal_agrees_with_the_table(case):
    problem = refusal(written_out(case["text"]), limit=case.get("limit", 1000))

    assert (problem and figures(problem)) == case["problem"]


def test_counter_of_the_croatian_answer():
    text = next(case["text"] for case in CASES["measures"] if case["units"] == 195)

    figures_shown = counter(text)

    assert figures_shown.parts == 3
    assert f"Message {figures_shown.used}/{figures_shown.capacity}" == "Message 61/67"
    assert f"{figures_shown.characters}/{figures_shown.limit}" == "195/1000"


def test_remaining_is_what_fits_before_another_part():
    assert measure("a" * 60).remaining == 100
    assert measure("ş" * 98).remaining == 36
    assert measure("Ω" + "ω" * 154).remaining == 46


def test_counter_marks_more_than_six_parts_and_more_than_the_limit():
    six, seven = counter("a" * 918), counter("a" * 919)

    assert (six.asks_first, seven.asks_first) == (False, True)
    assert counter("a" * 1000).over_limit is False
    assert counter("a" * 1001).over_limit is True


def test_saving_tells_both_prices():
    saving = look_alike_saving("\u201c" + "a" * 80 + "\u201d")

    assert (saving.before.encoding, saving.before.parts) == ("UCS2", 2)
    assert (saving.after.encoding, saving.after.parts) == ("GSM7", 1)


def test_national_table_leaves_less_to_save():
    text = "\u015f" + "a" * 100 + "\u2019"

    assert look_alike_saving(text) is None
    assert look_alike_saving(text, national=NationalTable.TURKISH).parts_saved == 1


@pytest.mark.parametrize("table", [alphabets.DEFAULT, alphabets.PORTUGUESE_LOCKING_SHIFT])
def test_a_gsm_table_has_127_characters_beside_escape(table):
    assert len(table) == len(set(table)) == 127


def test_a_long_word_of_wide_characters_is_cut():
    parts = split("x" + "é" * 500)

    assert [len(part) for part in parts] == [153, 153, 153, 42]


@given(texts, tables)
def test_parts_joined_are_the_text(text, national):
    assert "".join(split(text, national=national)) == normalise(text)


@given(texts, tables)
def test_every_part_fits_and_none_is_empty(text, national):
    size = measure(text, national=national)
    alphabet = alphabets.choose(normalise(text), national)

    parts = split(text, national=national)

    assert len(parts) == size.parts
    assert all(0 < sum(map(alphabet.cost, part)) <= size.capacity_of_a_part for part in parts)


@given(texts)
def test_every_part_alone_is_at_most_as_dear(text):
    assert all(measure(part).parts == 1 for part in split(text))


@given(texts)
def test_no_part_ends_in_half_a_pair(text):
    encoded = [part.encode("utf-16-le") for part in split(text)]

    assert [octets.decode("utf-16-le") for octets in encoded] == list(split(text))
    if measure(text).encoding == "UCS2":
        assert sum(map(len, encoded)) == 2 * measure(text).units


@given(texts, st.text(awkward, max_size=5))
def test_a_longer_text_never_has_fewer_parts(text, more):
    # A CR at the end would join an LF that follows.
    assert measure(text.rstrip("\r") + more).parts >= measure(text.rstrip("\r")).parts


@given(texts, st.text("ab c", max_size=5))
def test_units_grow_with_a_text_in_one_alphabet(text, more):
    longer = measure(text + more)

    assert longer.units == measure(text).units + len(more)


@given(texts)
def test_another_part_begins_only_when_the_last_is_full(text):
    size = measure(text)

    assert measure(text + "a" * size.remaining).parts == max(size.parts, 1)
    assert measure(text + "a" * (size.remaining + 1)).parts == max(size.parts, 1) + 1


@given(texts)
def test_counting_does_not_depend_on_line_endings(text):
    as_submitted = normalise(text).replace("\n", "\r\n")

    assert measure(as_submitted) == measure(text)


@given(texts)
def test_plain_never_has_more_parts(text):
    assert measure(plain(text)).parts <= measure(text).parts


@given(texts)
def test_an_offer_saves_at_least_one_part(text):
    saving = look_alike_saving(text)

    assert saving is None or (saving.parts_saved >= 1 and saving.replaced)


@given(st.text(st.characters(), max_size=1200))
def test_refusal_answers_for_any_text(text):
    problem = refusal(text)

    assert problem is None or problem.code in TextProblemCode


@given(texts, tables)
def test_what_is_not_refused_is_sendable(text, national):
    if refusal(text, national=national) is None:
        size = measure(text, national=national)
        assert 1 <= size.parts <= 25
        assert size.characters <= 1000


def written_out(text):
    return text if isinstance(text, str) else "".join(run * times for run, times in text)


def figures(problem):
    return {
        "code": problem.code,
        "found": problem.found,
        "allowed": problem.allowed,
        "offending": list(problem.offending),
    }
