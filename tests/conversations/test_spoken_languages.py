"""Which languages are spoken where a number is from."""

import pytest

from conversations.spoken_languages import first_of, languages_at


@pytest.mark.parametrize(
    ("address", "languages"),
    [
        ("385991903327", ("hr",)),
        ("436641234567", ("de",)),
        ("16502530000", ("en",)),
        ("12042345678", ("en", "fr")),
        ("HR.13491208655302741918", ("hr",)),
        ("883130000000", ()),
        ("12345", ()),
        ("Acme", ()),
    ],
)
def test_languages_are_those_of_the_country(address, languages):
    assert languages_at(address) == languages


@pytest.mark.parametrize(
    ("wanted", "available", "found"),
    [
        (("de", "fr", "it"), ("it", "fr"), "fr"),
        (("sr_Latn", "sr"), ("sr",), "sr"),
        (("zh_Hant",), ("zh", "zh_Hant"), "zh_Hant"),
        (("hr", "en"), ("de",), None),
        ((), ("de",), None),
    ],
)
def test_first_wanted_that_is_there_is_taken(wanted, available, found):
    assert first_of(wanted, available) == found
