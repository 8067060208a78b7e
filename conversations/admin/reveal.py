"""Numbers are masked until somebody asks to see them: that is recorded, and lasts minutes."""

from math import ceil
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from conversations.admin import trail

REVEALED = "console.revealed"  # in the session: what is revealed, until when
SECONDS = 300


def reveal(request: HttpRequest, shown: Any) -> None:
    """Let this session see the numbers of one row for some minutes."""
    trail.record(request, "number.revealed", subject=shown)
    now = timezone.now().timestamp()
    kept = request.session.get(REVEALED, {})
    kept = {name: until for name, until in kept.items() if until > now}
    request.session[REVEALED] = {**kept, _name(shown): now + SECONDS}


def is_revealed(request: HttpRequest, shown: Any) -> bool:
    return seconds_left(request, shown) > 0


def seconds_left(request: HttpRequest, shown: Any) -> int:
    """Return for how long the numbers of a row are still to be seen, in whole seconds."""
    until: float = request.session.get(REVEALED, {}).get(_name(shown), 0)
    return max(0, ceil(until - timezone.now().timestamp()))


def _name(shown: Any) -> str:
    return f"{shown._meta.model_name}:{shown.pk}"
