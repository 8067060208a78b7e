"""What a test message's page says of each step, and when it stops waiting."""

from datetime import timedelta

import pytest
from django.utils import timezone

from channels.models import WayTest
from channels.way_steps import is_over, steps_of
from tests.factories import SenderFactory

pytestmark = pytest.mark.django_db


def trial(*, age=0, number="385951006719", **fields):
    begun_at = timezone.now() - timedelta(seconds=age)
    sender = SenderFactory(number=number)
    return WayTest(sender=sender, address="1", code="123456", begun_at=begun_at, **fields)


def states(test):
    return [step.state for step in steps_of(test)]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, ["waiting", "waiting", "waiting"]),
        ({"refused": "No credits."}, ["failed", "failed", "waiting"]),
        ({"taken_at": timezone.now()}, ["done", "waiting", "waiting"]),
        ({"taken_at": timezone.now(), "refused": "Off."}, ["done", "failed", "waiting"]),
        ({"taken_at": timezone.now(), "age": 180}, ["done", "failed", "waiting"]),
        ({"taken_at": timezone.now(), "age": 3700}, ["done", "failed", "failed"]),
        ({"answered_at": timezone.now(), "age": 3700}, ["waiting", "failed", "done"]),
        ({"number": "InfoSMS"}, ["waiting", "waiting", "failed"]),
    ],
)
def test_each_step_stands_for_itself(fields, expected):
    assert states(trial(**fields)) == expected


def test_missing_report_says_where_to_look():
    (_taken, delivered, _answered) = steps_of(trial(taken_at=timezone.now(), age=180))

    assert "Infobip does not reach OmniChat" in delivered.text


def test_missing_answer_says_what_to_set():
    assert "subscribe the webhook" in steps_of(trial(age=180))[2].text


@pytest.mark.parametrize(
    ("fields", "over"),
    [({}, False), ({"age": 3599}, False), ({"age": 3601}, True), ({"answered_at": 1}, True)],
)
def test_it_is_over_with_the_answer_or_the_hour(fields, over):
    assert is_over(trial(**fields)) is over
