"""What the console's Overview says of how Jira does."""

from datetime import timedelta

import pytest
from django.utils import timezone

from conversations import outbox
from conversations.models import OutboxEntry
from jira_bridge.overview import health

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("installation")]


def test_calls_that_fail_again_and_again_are_said():
    outbox.promise("request.open", group="g", subject=1)
    OutboxEntry.objects.update(attempts=2, last_error="Jira failed (500).")

    (jira,) = health()

    assert (jira.state, jira.text) == (
        "bad",
        (
            "Jira did not answer. It is tried again by itself."
            " 1 task waits, the oldest was promised just now."
        ),
    )
    assert jira.url == "/admin/conversations/outboxentry/?state__exact=pending"


def test_calls_that_jira_refuses_are_said_with_what_to_do(installation):
    installation.refused_at = timezone.now()
    installation.save()
    outbox.promise("request.open", group="g", subject=1)
    OutboxEntry.objects.update(attempts=2, last_error="Jira says: Not for you.")

    (jira,) = health()

    assert (jira.state, jira.text) == (
        "bad",
        (
            "does not take the app's calls, noticed just now. Check in Jira that the app is"
            " installed and that its permissions are granted. What waits goes on by itself"
        ),
    )


def test_long_pause_that_jira_asks_for_is_said_from_the_first_try():
    outbox.promise("request.open", group="g", subject=1)
    OutboxEntry.objects.update(
        attempts=1,
        last_error="Jira's limit is reached until 14:00 UTC.",
        run_after=timezone.now() + timedelta(minutes=2),
    )

    (jira,) = health()

    assert jira.state == "bad"
    assert jira.text.startswith("Jira's limit is reached. It goes on by itself. 1 task waits")


def test_one_failed_call_and_messages_for_the_provider_say_nothing_of_jira():
    outbox.promise("request.open", group="g", subject=1)
    OutboxEntry.objects.update(attempts=1, last_error="Jira failed (500).")
    outbox.promise("message.deliver", group="h", subject=2)
    OutboxEntry.objects.filter(topic="message.deliver").update(attempts=5, last_error="x")

    (jira,) = health()

    assert jira.state == "good"
