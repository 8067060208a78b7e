"""What a test message has proved so far, and what to do for the step that fails."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.utils import timezone
from django.utils.translation import gettext as _

from channels.models import WayTest
from channels.way_test import ANSWERED_WITHIN
from conversations.moments import clock_with_seconds

PATIENCE = timedelta(minutes=2)  # a report comes within seconds


@dataclass(frozen=True)
class WayStep:
    """One step of the way; `text` says what happened, or what to do."""

    name: str
    state: Literal["done", "waiting", "failed"]
    text: str


def steps_of(test: WayTest) -> list[WayStep]:
    """Return the three steps of a test message as they stand now."""
    return [_taken(test), _delivered(test), _answered(test)]


def is_over(test: WayTest) -> bool:
    """Whether nothing more is waited for."""
    return bool(test.answered_at) or timezone.now() > test.begun_at + ANSWERED_WITHIN


def _taken(test: WayTest) -> WayStep:
    name = _("Infobip takes the message")
    if test.taken_at:
        return _done(name, test.taken_at)
    if test.refused:
        return WayStep(name, "failed", test.refused)
    return WayStep(name, "waiting", _("Infobip has not answered. Its report may still come."))


def _delivered(test: WayTest) -> WayStep:
    name = _("Its report comes back by the webhook")
    if test.delivered_at:
        return _done(name, test.delivered_at)
    if test.refused:
        text = test.refused if test.taken_at else _("Nothing was sent.")
        return WayStep(name, "failed", text)
    if timezone.now() < test.begun_at + PATIENCE:
        return WayStep(name, "waiting", _("This takes a few seconds."))
    text = _(
        "No report has come. If the phone shows the message, Infobip does not reach OmniChat:"
        " look on the overview for refused requests, and have whoever runs OmniChat check that its"
        " host can be reached from the internet. If it does not, see that the phone is on."
    )
    return WayStep(name, "failed", text)


def _answered(test: WayTest) -> WayStep:
    name = _("The answer comes by the webhook")
    if test.answered_at:
        return _done(name, test.answered_at)
    if not test.sender.number.isdecimal():
        return WayStep(name, "failed", _("A sender that is a name cannot be answered."))
    asked = _("Send %(code)s from the phone to %(number)s.") % {
        "code": test.code,
        "number": test.sender.number,
    }
    if timezone.now() < test.begun_at + PATIENCE:
        return WayStep(name, "waiting", asked)
    hint = _(
        "If you have, Infobip does not forward what comes to this number: subscribe the webhook,"
        " and set the number to follow the subscription in Infobip's portal."
    )
    return WayStep(name, "failed" if is_over(test) else "waiting", f"{asked} {hint}")


def _done(name: str, at: datetime) -> WayStep:
    return WayStep(name, "done", clock_with_seconds(at))
