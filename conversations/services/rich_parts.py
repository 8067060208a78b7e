"""The parts of places, contacts, buttons and lists: what each may be, and how long."""

import unicodedata
from collections.abc import Callable, Sequence
from math import isfinite

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from conversations.errors import SendingRefused, refused_at
from conversations.phone_numbers import parse_typed
from conversations.services.texts import sendable_part

# Source: Infobip's WhatsApp OpenAPI document.
HIGHEST_LATITUDE = 90
HIGHEST_LONGITUDE = 180
LONGEST_PLACE = 1000
LONGEST_BODY = 1024
LONGEST_FOOTER = 60
MOST_BUTTONS = 3
LONGEST_BUTTON = 20
MOST_SECTIONS = 10
LONGEST_SECTION = 24
MOST_ROWS = 10
LONGEST_ROW = 24
LONGEST_DESCRIPTION = 72
# Signs that are no words, and colours of skin; the old ones, like the degree sign, are allowed.
EMOJI_CATEGORIES = {"So", "Sk"}
FIRST_EMOJI = "\u2190"
# Ours: nobody reads more on a card.
LONGEST_NAME = 200
MOST_PHONES = 5


def require_on_earth(latitude: float, longitude: float) -> None:
    if not isfinite(latitude) or abs(latitude) > HIGHEST_LATITUDE:
        with refused_at("latitude"):
            raise SendingRefused(
                _("The latitude is a number from -90 to 90. Correct it."), code="bad-latitude"
            )
    if not isfinite(longitude) or abs(longitude) > HIGHEST_LONGITUDE:
        with refused_at("longitude"):
            raise SendingRefused(
                _("The longitude is a number from -180 to 180. Correct it."), code="bad-longitude"
            )


def each_of(check: Callable[[str], str], values: Sequence[str], place: str) -> list[str]:
    checked = []
    for number, value in enumerate(values):
        with refused_at(f"{place}.{number}"):
            checked.append(check(value))
    return checked


def phone_of(typed: str) -> str:
    return f"+{parse_typed(typed).address}"


def email_of(typed: str) -> str:
    email = sendable_part(typed, name=_("The e-mail address"), longest=LONGEST_NAME)
    try:
        validate_email(email)
    except ValidationError:
        raise SendingRefused(
            _("%s is no e-mail address. Correct it.") % email, code="bad-email"
        ) from None
    return email


def button_of(title: str) -> str:
    return tappable(title, _("A button"))


def tappable(text: str, name: str) -> str:
    title = sendable_part(text, name=name, longest=LONGEST_BUTTON)
    if any(
        character >= FIRST_EMOJI and unicodedata.category(character) in EMOJI_CATEGORIES
        for character in title
    ):
        raise SendingRefused(
            _("%s cannot hold emoji. Write it in letters.") % name, code="emoji-in-button"
        )
    return title


def body_of(text: str) -> str:
    with refused_at("text"):
        return sendable_part(text, name=_("The text"), longest=LONGEST_BODY)


def footer_of(text: str) -> str:
    return optional(text, _("The footer"), LONGEST_FOOTER, at="footer")


def optional(text: str, name: str, longest: int, *, at: str) -> str:
    with refused_at(at):
        return sendable_part(text, name=name, longest=longest, needed=False)


def require_count(found: int, most: int, things: str, *, at: str) -> None:
    if not 1 <= found <= most:
        with refused_at(at):
            raise SendingRefused(
                _("There are %(found)d %(things)s; from 1 to %(most)d are allowed.")
                % {"found": found, "things": things, "most": most},
                code="wrong-count",
            )


def require_different(titles: Sequence[str], place: str, first: int = 0) -> None:
    for number, title in enumerate(titles):
        if title in titles[:number]:
            with refused_at(f"{place}.{first + number}"):
                raise SendingRefused(
                    _("Two choices have the same title. Let each say something else."),
                    code="same-titles",
                )
