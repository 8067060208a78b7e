"""What the console's Overview says of how Jira does."""

import pytest

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


def test_one_failed_call_and_messages_for_the_provider_say_nothing_of_jira():
    outbox.promise("request.open", group="g", subject=1)
    OutboxEntry.objects.update(attempts=1, last_error="Jira failed (500).")
    outbox.promise("message.deliver", group="h", subject=2)
    OutboxEntry.objects.filter(topic="message.deliver").update(attempts=5, last_error="x")

    (jira,) = health()

    assert jira.state == "good"
