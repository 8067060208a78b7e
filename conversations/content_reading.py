"""Reading what the content of a message holds: it came from outside, and anything may be in it."""

from decimal import Decimal
from math import isfinite
from typing import Any

from django.utils.translation import gettext as _

MOST = 50  # of anything that is listed
LARGEST = 12  # digits of an amount


def amount_of(item: dict[str, Any]) -> Decimal | None:
    """Return what an item of an order costs; None if that cannot be reckoned."""
    try:
        price = Decimal(text_in(item.get("price")))
        amount = price * Decimal(text_in(item.get("quantity")) or "1")
    except ArithmeticError:
        return None
    return amount if amount.is_finite() and abs(amount.adjusted()) < LARGEST else None


def number_in(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if isfinite(number) else None


def text_in(value: Any) -> str:
    """Return one value in words, or several of a list; nothing for what has parts of its own."""
    if isinstance(value, list):
        return ", ".join(filter(None, (_scalar(each) for each in value[:MOST])))
    return _scalar(value)


def list_in(value: Any) -> list[Any]:
    return value[:MOST] if isinstance(value, list) else []


def dicts_in(value: Any) -> list[dict[str, Any]]:
    return [each for each in list_in(value) if isinstance(each, dict)]


def _scalar(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value) if isinstance(value, str | int | float) else ""
