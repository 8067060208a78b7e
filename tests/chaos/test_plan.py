"""A round's plan follows from seed and number, and keeps rounds apart."""

from collections import Counter
from itertools import chain

import pytest

from tests.chaos.blows import STRIKES
from tests.chaos.plan import (
    BLOWS_TO,
    HARD,
    LOAD_SECONDS,
    LONGEST_BLOW,
    SITES,
    Blow,
    make_plan,
)

HUNDRED = [make_plan(4711, number) for number in range(1, 101)]


def test_plan_of_a_seed_and_number_is_the_same_twice():
    assert make_plan(4711, 3) == make_plan(4711, 3)


@pytest.mark.parametrize("other", [make_plan(4711, 4), make_plan(4712, 3)])
def test_another_seed_or_number_is_another_plan(other):
    assert make_plan(4711, 3).blows != other.blows


def test_people_of_two_rounds_have_no_number_in_common():
    numbers = Counter(chain.from_iterable(plan.numbers for plan in HUNDRED))

    assert max(numbers.values()) == 1


def test_some_people_write_to_both_sites():
    sites = {(event.number, event.site) for event in make_plan(1, 1).inbound}

    assert max(Counter(number for number, _site in sites).values()) == len(SITES)


def test_texts_are_unique_but_for_words_of_consent():
    texts = Counter(event.text for plan in HUNDRED for event in (*plan.inbound, *plan.replies))

    assert {text for text, count in texts.items() if count > 1} <= {"STOP", "START"}


def test_no_number_has_an_end_that_stands_for_a_failure():
    assert {number[-2:] for plan in HUNDRED for number in plan.numbers} == {"10"}
    assert not {number[-4:-2] for plan in HUNDRED for number in plan.numbers} & {"70"}


def test_a_hundred_rounds_strike_in_every_way():
    struck = {blow.kind for plan in HUNDRED for blow in plan.blows}

    assert struck == set(STRIKES)


def test_every_blow_is_over_soon_after_the_load():
    ends = [blow.at + blow.seconds for plan in HUNDRED for blow in plan.blows]

    assert max(ends) <= max(LOAD_SECONDS, BLOWS_TO) + LONGEST_BLOW


def test_a_blow_says_what_it_was():
    assert str(Blow(1.0, "hold", "database", seconds=2.04)) == "hold database 2.0 s"
    assert "freeze" in HARD


def test_number_of_a_round_must_fit_into_phone_numbers():
    with pytest.raises(ValueError, match="from 0 to 999"):
        make_plan(1, 1000)
