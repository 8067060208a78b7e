"""Whose number is it: typed numbers, what wrote to us, variants of one subscriber, display."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.phone_numbers import (
    Address,
    AddressKind,
    NumberProblem,
    NumberRefused,
    canonical,
    country,
    display,
    identify,
    mask,
    parse_typed,
    variants,
)

subscribers = st.one_of(
    st.from_regex(r"521?[2-9][0-9]{9}", fullmatch=True),
    st.from_regex(r"549?[1-3][0-9]{9}", fullmatch=True),
    st.from_regex(r"55[1-9][1-9]9?[2-9][0-9]{7}", fullmatch=True),
    st.from_regex(r"[1-9][0-9]{8,14}", fullmatch=True),
)


@pytest.mark.parametrize(
    "typed",
    [
        "+385991903327",
        "385991903327",
        "00385991903327",
        "+385 99 190 3327",
        "(+385) 99/190-33-27",
        "+385.99.190.3327",
        "+385 (0)99 190 3327",
        " +385\u00a099\u2011190\u20133327\n",
        "\u202a+385 99 190 3327\u202c",
        "\uff0b385991903327",
        "\u0663\u0668\u0665\u0669\u0669\u0661\u0669\u0660\u0663\u0663\u0662\u0667",
    ],
)
def test_typed_number_is_read_however_it_is_written(typed):
    assert parse_typed(typed) == Address(AddressKind.NUMBER, "385991903327", "385991903327")


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("", NumberProblem.EMPTY),
        (" + ", NumberProblem.EMPTY),
        ("0991903327", NumberProblem.NATIONAL),
        ("099/190-3327", NumberProblem.NATIONAL),
        ("+0385991903327", NumberProblem.NATIONAL),
        ("+1 800 FLOWERS", NumberProblem.NOT_DIGITS),
        ("+385991903327 ext. 5", NumberProblem.NOT_DIGITS),
        ("385991903327+", NumberProblem.NOT_DIGITS),
        ("+385²", NumberProblem.NOT_DIGITS),
        ("+999123456789", NumberProblem.UNKNOWN_COUNTRY),
        ("7", NumberProblem.TOO_SHORT),
        ("+38599", NumberProblem.TOO_SHORT),
        ("+385991903327123", NumberProblem.TOO_LONG),
        ("3" * 5000, NumberProblem.TOO_LONG),
    ],
)
def test_typed_number_is_refused_with_the_reason(typed, problem):
    with pytest.raises(NumberRefused) as refused:
        parse_typed(typed)

    assert refused.value.problem is problem
    assert refused.value.code == problem.value
    assert refused.value.example in str(refused.value)


def test_refusal_shows_an_example_of_the_region():
    with pytest.raises(NumberRefused) as refused:
        parse_typed("0151 2345", region="DE")

    assert refused.value.example.startswith("+49 15")


def test_unknown_region_gets_the_usual_example():
    with pytest.raises(NumberRefused, match=r"like \+385 99 190 3327\.$"):
        parse_typed("0991903327", region="??")


@pytest.mark.parametrize(
    ("typed", "dialled"),
    [
        ("+44 (0)20 7946 0018", "442079460018"),
        ("+39 06 1234 5678", "390612345678"),
        ("+54 11 15 2345 6789", "5491123456789"),
        ("+52 1 55 1234 5678", "525512345678"),
        ("+55 11 8765-4321", "551187654321"),
    ],
)
def test_typed_number_is_mended_to_what_is_dialled(typed, dialled):
    assert parse_typed(typed).address == dialled


@pytest.mark.parametrize(
    ("wrote", "kind", "address", "answerable"),
    [
        ("385991903327", AddressKind.NUMBER, "385991903327", True),
        ("+385 99 190 3327", AddressKind.NUMBER, "385991903327", True),
        ("5511987654321", AddressKind.NUMBER, "5511987654321", True),
        ("6834000", AddressKind.NUMBER, "6834000", True),
        ("999123456789", AddressKind.NUMBER, "999123456789", True),
        ("12345", AddressKind.SHORT_CODE, "12345", False),
        ("12345678", AddressKind.SHORT_CODE, "12345678", False),
        ("INFOBANK", AddressKind.ALPHANUMERIC, "INFOBANK", False),
        ("My Bank-24", AddressKind.ALPHANUMERIC, "My Bank-24", False),
        ("HT.Info", AddressKind.ALPHANUMERIC, "HT.Info", False),
        ("0991903327", AddressKind.ALPHANUMERIC, "0991903327", False),
        ("1234567890123456", AddressKind.ALPHANUMERIC, "1234567890123456", False),
        ("x" * 64, AddressKind.ALPHANUMERIC, "x" * 64, False),
        ("+++", AddressKind.ALPHANUMERIC, "+++", False),
        ("HR.204060801", AddressKind.USER_ID, "HR.204060801", True),
        ("HR.ENT.4a5b6c", AddressKind.USER_ID, "HR.ENT.4a5b6c", True),
        ("", AddressKind.UNKNOWN, "", False),
        ("  ", AddressKind.UNKNOWN, "", False),
        (None, AddressKind.UNKNOWN, "", False),
    ],
)
def test_whatever_wrote_is_identified(wrote, kind, address, answerable):
    found = identify(wrote)

    assert (found.kind, found.address) == (kind, address)
    assert found.can_be_answered is answerable


def test_a_name_is_the_same_in_any_case():
    assert identify("InfoBank").key == identify("INFOBANK").key == "infobank"


def test_address_is_kept_up_to_150_characters():
    assert identify("HR." + "7" * 147).kind is AddressKind.USER_ID
    assert identify("x" * 151).address == "x" * 150


def test_what_the_database_cannot_hold_is_replaced():
    assert identify("a\x00b\ud800").address == "a\ufffdb\ufffd"


@pytest.mark.parametrize(
    ("one", "other", "key"),
    [
        ("5215512345678", "525512345678", "525512345678"),
        ("5491123456789", "541123456789", "541123456789"),
        ("5492645123456", "542645123456", "542645123456"),
        ("551187654321", "5511987654321", "5511987654321"),
        ("552161234567", "5521961234567", "5521961234567"),
    ],
)
def test_variants_of_a_subscriber_share_a_key(one, other, key):
    assert identify(one).key == identify(other).key == key
    assert set(variants(one)) == set(variants(other)) == {one, other}


@pytest.mark.parametrize(
    "number",
    [
        "551132654321",
        "5511932654321",
        "551155554321",
        "5211234567890",
        "52112345678901",
        "5290123456789",
        "385991903327",
        "12025550123",
    ],
)
def test_other_numbers_have_one_form_only(number):
    assert variants(number) == (number,)


def test_the_exact_address_that_wrote_is_kept():
    assert identify("5215512345678").address == "5215512345678"
    assert identify("551187654321").address == "551187654321"


@pytest.mark.parametrize(
    ("address", "shown", "masked", "code"),
    [
        ("385991903327", "+385 99 190 3327", "+385 99 190 ••27", "HR"),
        ("12025550123", "+1 202-555-0123", "+1 202-555-••23", "US"),
        ("33612345678", "+33 6 12 34 56 78", "+33 6 12 34 •• 78", "FR"),
        ("80012345678", "+800 1234 5678", "+800 1234 ••78", None),
        ("999123456789", "+999123456789", "+99912345••89", None),
        ("4402079460018", "+4402079460018", "+440207946••18", None),
        ("5215512345678", "+52 15512345678", "+52 1551234••78", "MX"),
        ("INFOBANK", "INFOBANK", "INFOBANK", None),
        ("12345", "12345", "12345", None),
        ("HR.204060801", "HR.204060801", "HR.•••••••01", None),
        ("", "", "", None),
    ],
)
def test_addresses_are_shown_to_people(address, shown, masked, code):
    assert display(address) == shown
    assert mask(address) == masked
    assert country(address) == code


@given(subscribers)
def test_every_variant_has_the_same_key_and_the_same_variants(number):
    forms = variants(number)

    assert number in forms
    assert {canonical(form) for form in forms} == {canonical(number)}
    assert {variants(form) for form in forms} == {forms}


@given(subscribers)
def test_a_number_written_for_people_is_the_same_number(number):
    assert identify(display(number)) == identify(number)


@given(subscribers)
def test_a_masked_number_hides_two_digits_and_no_more(number):
    assert mask(number).count("•") == 2
    assert len(mask(number)) == len(display(number))


@given(st.one_of(st.text(st.characters(), max_size=200), st.text("+0123456789 ()-.", max_size=30)))
def test_identify_never_raises_and_its_answer_can_be_stored(wrote):
    found = identify(wrote)

    assert len(found.address) <= 150
    assert len(found.key) <= 150
    assert "\x00" not in found.address + found.key
    assert not any("\ud800" <= character <= "\udfff" for character in found.address + found.key)


@given(st.text(st.characters(), max_size=200))
def test_an_address_identifies_as_itself(wrote):
    found = identify(wrote)

    assert identify(found.address) == found


@given(st.one_of(st.text(st.characters(), max_size=60), st.text("+0123456789 ()-.", max_size=30)))
def test_a_typed_number_is_read_or_refused_and_read_again_the_same(typed):
    try:
        found = parse_typed(typed)
    except NumberRefused:
        return

    assert found.address.isdecimal()
    assert len(found.address) <= 15
    assert parse_typed(found.address) == found


@given(st.text(st.characters(), max_size=60))
def test_showing_never_raises(address):
    assert isinstance(display(address) + mask(address) + (country(address) or ""), str)
