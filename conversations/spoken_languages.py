"""Which languages a customer speaks, as far as their number tells: those of its country."""

from collections.abc import Iterable, Iterator

from babel.languages import get_official_languages

from conversations.phone_numbers import AddressKind, country, identify


def languages_at(address: str) -> tuple[str, ...]:
    """Return the languages of the country of an address, the most spoken first.

    None for an address that belongs to no country.
    """
    identity = identify(address)
    # A business-scoped user id begins with the country of the account.
    code = identity.address[:2] if identity.kind is AddressKind.USER_ID else country(address)
    return get_official_languages(code, de_facto=True) if code else ()


def first_of(wanted: Iterable[str], available: Iterable[str]) -> str | None:
    """Return the first wanted language that is available, "sr" for "sr_Latn" too; None for none."""
    having = set(available)
    return next((code for code in _with_bases(wanted) if code in having), None)


def _with_bases(wanted: Iterable[str]) -> Iterator[str]:
    for code in wanted:
        yield code
        yield code.partition("_")[0]
