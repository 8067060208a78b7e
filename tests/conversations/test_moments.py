"""Times as their reader writes them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation

from conversations.moments import ago, exact, written


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "3 Nov 2026, 14:05"),
        ("de", "03.11.2026, 14:05"),
        ("hr", "3. stu 2026., 14:05"),
    ],
)
def test_time_is_written_in_the_readers_language_and_zone(language, said):
    at = datetime(2026, 11, 3, 13, 5, tzinfo=UTC)

    with translation.override(language), timezone.override(ZoneInfo("Europe/Zagreb")):
        assert written(at) == said


@pytest.mark.parametrize(
    ("since", "said"),
    [(timedelta(seconds=5), "just now"), (timedelta(minutes=3, seconds=4), "3\xa0minutes ago")],
)
def test_how_long_ago_is_said_in_one_unit(since, said):
    assert ago(timezone.now() - since) == said


@pytest.mark.parametrize(
    ("language", "said"), [("de", "vor 2\xa0Tagen"), ("hr", "prije 2\xa0dana")]
)
def test_how_long_ago_is_said_in_the_readers_language(language, said):
    with translation.override(language):
        assert ago(timezone.now() - timedelta(days=2, hours=1)) == said


def test_time_is_written_to_the_millisecond_in_the_readers_zone():
    at = datetime(2026, 11, 3, 13, 5, 12, 310_999, tzinfo=UTC)

    with timezone.override(ZoneInfo("Europe/Zagreb")):
        assert exact(at) == "2026-11-03 14:05:12.310"
