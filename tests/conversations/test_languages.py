"""Tests of which language somebody reads, and of their times in it."""

from datetime import UTC, datetime

import pytest
from django.utils import translation

from conversations.languages import language_of
from conversations.moments import Moment
from conversations.template_words import LANGUAGES, language_words

NARROW = "\N{NARROW NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("wanted", "language"),
    [
        (["", "hr_HR"], "hr"),
        (["de", "hr_HR"], "de"),
        (["de_AT"], "de"),
        (["en_GB"], "en-gb"),
        (["en_US"], "en"),
        (["fr_FR"], "en-gb"),
        (["", "../../etc"], "en-gb"),
        (["x" * 600], "en-gb"),
    ],
)
def test_first_language_that_we_have_is_spoken(wanted, language):
    assert language_of(*wanted) == language


@pytest.mark.parametrize(
    ("language", "clock", "full"),
    [
        ("en-gb", "14:06", "3 Nov 2026, 14:06 UTC"),
        ("en", f"2:06{NARROW}PM", f"Nov 3, 2026, 2:06{NARROW}PM UTC"),
        ("de", "14:06", "03.11.2026, 14:06 UTC"),
        ("hr", "14:06", "3. stu 2026., 14:06 UTC"),
    ],
)
def test_times_are_written_as_the_language_does(language, clock, full):
    moment = Moment(datetime(2026, 11, 3, 14, 6, tzinfo=UTC))

    with translation.override(language):
        assert (moment.clock, moment.full) == (clock, full)


@pytest.mark.parametrize(
    ("language", "name"),
    [("en", "German (Austria)"), ("de", "Deutsch (Österreich)"), ("hr", "njemački (Austrija)")],
)
def test_languages_are_called_as_the_reader_calls_them(language, name):
    with translation.override(language):
        assert language_words("de_AT") == name


@pytest.mark.parametrize("language", ["en-gb", "de", "hr"])
def test_every_language_of_templates_has_a_name(language):
    with translation.override(language):
        assert [code for code in LANGUAGES if not language_words(code)] == []
