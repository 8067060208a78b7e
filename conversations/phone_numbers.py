"""Tells which subscriber an address belongs to, and reads and shows phone numbers."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

import phonenumbers
from django.utils.translation import gettext_lazy as _
from phonenumbers import PhoneNumberFormat, PhoneNumberType, ValidationResult

from conversations.errors import DomainError
from conversations.storable import storable

LONGEST_ADDRESS = 150
LONGEST_NUMBER = 15
SHORTEST_UNDOUBTED_NUMBER = 9
SHORTEST_NUMBER = 7
EXAMPLE = "+385 99 190 3327"
HIDDEN = "•"
ERASED = "erased:"  # before what stands in the place of an erased person's address

DIGITS = re.compile(r"[0-9]+")
SEPARATORS = frozenset(".-/()\u2212")
SEPARATOR_CATEGORIES = frozenset({"Zs", "Cf", "Pd", "Cc"})
# Two capitals for the country and an identifier; a bare name such as "HT.Info" is a sender's name.
USER_ID = re.compile(r"[A-Z]{2}(\.ENT)?\.(?=[A-Za-z]*[0-9])[A-Za-z0-9]+")

# Each pair: what a variant looks like, and the form that all variants share.
FOLDS = (
    # Mexico dropped the 1 of mobiles in 2019; WhatsApp still reports it.
    (re.compile(r"521([2-9][0-9]{9})"), r"52\1"),
    # Argentina dials the 9 of mobiles only from abroad.
    (re.compile(r"549([1-3][0-9]{9})"), r"54\1"),
    # Brazil put a 9 before mobiles, which began with 6 to 9; landlines begin with 2 to 5.
    (re.compile(r"55([1-9][1-9])([6-9][0-9]{7})"), r"55\g<1>9\2"),
)
UNFOLDS = (
    (re.compile(r"52([2-9][0-9]{9})"), r"521\1"),
    (re.compile(r"54([1-3][0-9]{9})"), r"549\1"),
    (re.compile(r"55([1-9][1-9])9([6-9][0-9]{7})"), r"55\1\2"),
)


class AddressKind(StrEnum):
    """What wrote to us. ALPHANUMERIC is any name, and digits that no phone answers to."""

    NUMBER = "NUMBER"
    SHORT_CODE = "SHORT_CODE"
    ALPHANUMERIC = "ALPHANUMERIC"
    USER_ID = "USER_ID"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True)
class Address:
    """One end of a conversation.

    `address` is what to answer to: for a number its digits, unfolded, without plus. `key` is the
    same for every variant of one subscriber; two addresses are one when kind and key are equal.
    """

    kind: AddressKind
    address: str
    key: str

    @property
    def can_be_answered(self) -> bool:
        return self.kind in {AddressKind.NUMBER, AddressKind.USER_ID}


class NumberProblem(StrEnum):
    EMPTY = "EMPTY"
    NOT_DIGITS = "NOT_DIGITS"
    NATIONAL = "NATIONAL"
    UNKNOWN_COUNTRY = "UNKNOWN_COUNTRY"
    TOO_SHORT = "TOO_SHORT"
    TOO_LONG = "TOO_LONG"


class NumberRefused(DomainError):
    """A typed number that cannot be dialled; `example` is one that can."""

    def __init__(self, problem: NumberProblem, example: str) -> None:
        super().__init__(str(REFUSALS[problem]).format(example=example), code=problem.value)
        self.problem = problem
        self.example = example


REFUSALS = {
    NumberProblem.EMPTY: _("Enter the number with its country code, like {example}."),
    NumberProblem.NOT_DIGITS: _("A phone number has digits only, like {example}."),
    NumberProblem.NATIONAL: _("Enter the number with its country code, like {example}."),
    NumberProblem.UNKNOWN_COUNTRY: _("No country has this code. Enter a number like {example}."),
    NumberProblem.TOO_SHORT: _("This number is too short. Enter it in full, like {example}."),
    NumberProblem.TOO_LONG: _("This number is too long. Enter a number like {example}."),
}


PARSING_PROBLEMS = {
    phonenumbers.NumberParseException.INVALID_COUNTRY_CODE: NumberProblem.UNKNOWN_COUNTRY,
    phonenumbers.NumberParseException.TOO_LONG: NumberProblem.TOO_LONG,
}


def parse_typed(raw: str, *, region: str | None = None) -> Address:
    """Return the number a person typed; raises `NumberRefused` if it is not a whole E.164 number.

    `region` only chooses the example; a national number is refused whatever the region.
    """
    digits, _ = _digits(raw)
    problem = _problem_of_shape(digits)
    if problem:
        raise NumberRefused(problem, _example(region))
    number = _dialled(digits)
    if isinstance(number, NumberProblem):
        raise NumberRefused(number, _example(region))
    # Parsing mends what people write: "+44 (0)20 …", Argentina's 15 after the area code.
    dialled = phonenumbers.format_number(number, PhoneNumberFormat.E164).removeprefix("+")
    return Address(AddressKind.NUMBER, dialled, canonical(dialled))


def identify(raw: str | None) -> Address:
    """Say what wrote to us. Never raises: what is no number is kept, up to 150 characters of it."""
    kept = str(storable((raw or "")[:LONGEST_ADDRESS]))
    if not kept.strip():
        return Address(AddressKind.UNKNOWN, "", "")
    if USER_ID.fullmatch(kept.strip()):
        return Address(AddressKind.USER_ID, kept.strip(), kept.strip())
    digits, international = _digits(kept)
    if not DIGITS.fullmatch(digits):
        return Address(AddressKind.ALPHANUMERIC, kept, kept.strip().casefold()[:LONGEST_ADDRESS])
    kind = _kind_of(digits, international=international)
    if kind is AddressKind.NUMBER:
        return Address(kind, digits, canonical(digits))
    return Address(kind, kept, digits)


def canonical(number: str) -> str:
    """Return the one form of E.164 digits that all variants of a subscriber share."""
    return _replaced(number, FOLDS) or number


def variants(number: str) -> tuple[str, ...]:
    """Return every form of the same subscriber's number, the canonical one first."""
    key = canonical(number)
    other = _replaced(key, UNFOLDS)
    return (key, other) if other else (key,)


def display(address: str) -> str:
    """Return a number as people write it, like "+385 99 190 3327"; other addresses as they are."""
    if address.startswith(ERASED):
        return str(_("Erased number"))
    identity = identify(address)
    if identity.kind is not AddressKind.NUMBER:
        return identity.address
    number = _parsed(identity.address)
    if number is None:
        return f"+{identity.address}"
    return phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)


def mask(address: str) -> str:
    """Return the address with enough hidden that it cannot be dialled: "+385 99 190 ••27"."""
    if address.startswith(ERASED):
        return display(address)
    identity = identify(address)
    if not identity.can_be_answered:
        return identity.address
    shown = display(identity.address)
    keepers = [place for place, character in enumerate(shown) if character.isalnum()]
    hidden = set(keepers[-4:-2] if identity.kind is AddressKind.NUMBER else keepers[2:-2])
    return "".join(HIDDEN if place in hidden else c for place, c in enumerate(shown))


def country(address: str) -> str | None:
    """Return the ISO code of a number's country; None for other addresses and shared codes."""
    identity = identify(address)
    number = _parsed(identity.address) if identity.kind is AddressKind.NUMBER else None
    if number is None:
        return None
    code = phonenumbers.region_code_for_number(number)
    return code if code and code.isalpha() else None


def _digits(raw: str) -> tuple[str, bool]:
    """Return the text without separators and international prefix, and whether it had a prefix."""
    written = "".join(
        str(unicodedata.decimal(character, character))
        for character in raw
        if not _separates(character)
    ).replace("\uff0b", "+")
    digits = written.removeprefix("+" if written.startswith("+") else "00")
    return digits, digits != written


def _separates(character: str) -> bool:
    return character in SEPARATORS or unicodedata.category(character) in SEPARATOR_CATEGORIES


def _problem_of_shape(digits: str) -> NumberProblem | None:
    if not digits:
        return NumberProblem.EMPTY
    if not DIGITS.fullmatch(digits):
        return NumberProblem.NOT_DIGITS
    if digits.startswith("0"):
        return NumberProblem.NATIONAL
    return None


def _dialled(digits: str) -> phonenumbers.PhoneNumber | NumberProblem:
    """Return the number of a possible length, or what is wrong with it."""
    try:
        number = phonenumbers.parse(f"+{digits}", None)
    except phonenumbers.NumberParseException as error:
        return PARSING_PROBLEMS.get(error.error_type, NumberProblem.TOO_SHORT)
    length = phonenumbers.is_possible_number_with_reason(number)
    if length == ValidationResult.IS_POSSIBLE:
        return number
    # Mexico's old 521 is too long by today's plan, and people still type it.
    if canonical(digits) != digits:
        return _dialled(canonical(digits))
    too_long = length == ValidationResult.TOO_LONG
    return NumberProblem.TOO_LONG if too_long else NumberProblem.TOO_SHORT


def _example(region: str | None) -> str:
    number = region and phonenumbers.example_number_for_type(region, PhoneNumberType.MOBILE)
    if not number:
        return EXAMPLE
    return phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)


def _kind_of(digits: str, *, international: bool) -> AddressKind:
    if digits.startswith("0") or len(digits) > LONGEST_NUMBER:
        return AddressKind.ALPHANUMERIC
    if len(digits) >= SHORTEST_UNDOUBTED_NUMBER:
        return AddressKind.NUMBER
    if len(digits) < SHORTEST_NUMBER:
        return AddressKind.SHORT_CODE
    number = _parsed(digits)
    whole = international or (number is not None and phonenumbers.is_valid_number(number))
    return AddressKind.NUMBER if whole else AddressKind.SHORT_CODE


def _parsed(digits: str) -> phonenumbers.PhoneNumber | None:
    """Return the number of exactly these digits, or None where parsing would mend them."""
    try:
        number = phonenumbers.parse(f"+{digits}", None)
    except phonenumbers.NumberParseException:
        return None
    same = phonenumbers.format_number(number, PhoneNumberFormat.E164) == f"+{digits}"
    return number if same else None


def _replaced(number: str, rules: tuple[tuple[re.Pattern[str], str], ...]) -> str | None:
    for pattern, replacement in rules:
        if pattern.fullmatch(number):
            return pattern.sub(replacement, number)
    return None
