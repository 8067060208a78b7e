"""Times in the console's templates, as their reader writes them."""

from datetime import datetime

from django import template

from conversations import moments

register = template.Library()


@register.filter
def written(at: datetime | None) -> str:
    """Return day and time, or nothing of no time."""
    return moments.written(at) if at else ""


@register.filter
def ago(at: datetime | None) -> str:
    """Return how long ago it was, or nothing of no time."""
    return moments.ago(at) if at else ""


@register.filter
def exact(at: datetime | None) -> str:
    """Return day and time to the millisecond, or nothing of no time."""
    return moments.exact(at) if at else ""
