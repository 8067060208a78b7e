"""The operators' sessions to which nobody comes back."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from omnichat.tasks import end_operator_sessions
from tenants.models import SiteEvent

pytestmark = pytest.mark.django_db


def test_expired_session_is_removed_and_recorded_once(console):
    console.get("/operator/operators/")
    Session.objects.update(expire_date=timezone.now() - timedelta(minutes=1))

    assert (end_operator_sessions(), end_operator_sessions()) == (1, 0)
    event = SiteEvent.objects.get(action="operator session-ended")
    assert (event.detail, Session.objects.count()) == ({"by": "olga", "why": "age"}, 0)


def test_session_that_goes_on_is_left_alone(console):
    console.get("/operator/operators/")

    assert (end_operator_sessions(), Session.objects.count()) == (0, 1)
