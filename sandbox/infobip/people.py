"""Who writes on WhatsApp: a number, or the user id that stands for it when it is hidden."""

from __future__ import annotations

PREFIX = "HR."
# Seven is prime to ten, so each digit has one stand-in and each stand-in one digit.
STAND_INS = str.maketrans("0123456789", "3074185296")
DIGITS = str.maketrans("3074185296", "0123456789")


def user_id(customer: str) -> str:
    """Return the user id of the phone, always the same; what has no digits is its own."""
    bare = customer.removeprefix("+")
    return PREFIX + bare.translate(STAND_INS) if bare.isdigit() else customer


def number_of(customer: str) -> str:
    """Return the number that an id of ours stands for; anything else is returned as it is."""
    hidden = customer.removeprefix(PREFIX)
    return hidden.translate(DIGITS) if hidden != customer and hidden.isdigit() else customer
