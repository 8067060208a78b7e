"""In which language and with whose dates and numbers somebody reads."""

from babel import Locale
from django.conf import settings
from django.utils import translation


def language_of(*wanted: str) -> str:
    """Return the first of the wanted languages that we have, in any spelling of its code.

    "de_AT" is German to us. The settings' own language where we have none of them.
    """
    for code in wanted:
        try:
            return translation.get_supported_language_variant(code.replace("_", "-").lower())
        except LookupError:
            continue
    return settings.LANGUAGE_CODE


def reading_locale() -> Locale:
    """Return how the language that is spoken just now writes dates, times and numbers."""
    code = translation.get_language() or settings.LANGUAGE_CODE
    return Locale.parse(code, sep="-")
