"""Which languages a customer speaks, as far as their number tells: those of its country."""

from collections.abc import Iterable, Iterator

from babel.core import get_global
from babel.languages import get_official_languages

from conversations.languages import reading_locale
from conversations.phone_numbers import AddressKind, country, identify


def all_languages() -> list[tuple[str, str]]:
    """Return the languages of all countries with their names, in the order of the names."""
    countries = get_global("territory_languages")
    codes = {code for each in countries for code in get_official_languages(each, de_facto=True)}
    return sorted(((code, name_of(code)) for code in codes), key=lambda each: each[1].casefold())


def name_of(code: str) -> str:
    """Return what a language is called in the language that is spoken just now."""
    reader = reading_locale()
    base, _sep, script = code.partition("_")
    name = reader.languages.get(code)
    if name is None and script:
        return f"{reader.languages.get(base, base)} ({reader.scripts.get(script, script)})"
    return name or code


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
