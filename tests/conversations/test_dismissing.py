"""What a person puts away from quarantine and outbox: for a reason, once, and nothing needed."""

import pytest

from conversations import inbox, outbox
from conversations.models import Conversation, InboxEntry, OutboxEntry
from tests.conversations.concurrency import together
from tests.factories import ConversationFactory

ROUNDS = 10


@pytest.mark.django_db
def test_quarantined_item_is_dismissed_for_a_reason():
    entry = quarantined()

    count = inbox.dismiss([entry], because="A test of ours.")

    entry.refresh_from_db()
    assert count == 1
    assert (entry.state, entry.dismissed_because) == ("dismissed", "A test of ours.")


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["new", "done", "dismissed"])
def test_item_that_is_not_in_quarantine_is_not_dismissed(state):
    entry = quarantined(state=state)

    assert inbox.dismiss([entry], because="A test of ours.") == 0


@pytest.mark.django_db
def test_dismissed_item_is_brought_back():
    entry = quarantined(state="dismissed", dismissed_because="A test of ours.")

    inbox.retry([entry])

    entry.refresh_from_db()
    assert (entry.state, entry.dismissed_because) == ("new", "")


@pytest.mark.django_db
def test_dead_promise_is_dismissed_for_a_reason():
    entry = dead()

    count = outbox.dismiss([entry], because="Attached by hand.")

    entry.refresh_from_db()
    assert count == 1
    assert (entry.state, entry.dismissed_because) == ("dismissed", "Attached by hand.")


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["pending", "done", "dismissed"])
def test_promise_that_has_not_failed_is_not_dismissed(state):
    assert outbox.dismiss([dead(state=state)], because="Attached by hand.") == 0


@pytest.mark.django_db
@pytest.mark.parametrize("state", Conversation.State.values)
def test_request_that_messages_wait_for_is_not_dismissed(state):
    conversation = ConversationFactory(state=state, issue_id="", issue_key="")
    entry = dead(topic="request.open", subject=str(conversation.pk))
    other = dead()

    count = outbox.dismiss([entry, other], because="We know.")

    entry.refresh_from_db()
    assert (count, entry.state) == (1, "dead")


@pytest.mark.django_db
@pytest.mark.parametrize("topic", outbox.PERSONS_RIGHTS)
def test_erasure_is_not_dismissed(topic):
    assert outbox.dismiss([dead(topic=topic)], because="We know.") == 0


@pytest.mark.django_db
def test_request_that_nobody_waits_for_any_more_is_dismissed():
    conversation = ConversationFactory(state=Conversation.State.ENDED)

    entry = dead(topic="request.open", subject=str(conversation.pk))

    assert outbox.dismiss([entry], because="The customer opted out.") == 1


@pytest.mark.django_db
def test_dismissed_promise_is_brought_back():
    entry = dead(state="dismissed", dismissed_because="Attached by hand.")

    outbox.retry([entry])

    entry.refresh_from_db()
    assert (entry.state, entry.dismissed_because) == ("pending", "")


@pytest.mark.django_db
def test_dismissed_promise_is_not_revived_with_its_topic():
    entry = dead(state="dismissed", dismissed_because="Attached by hand.")

    outbox.revive(entry.topic)

    entry.refresh_from_db()
    assert entry.state == "dismissed"


@pytest.mark.django_db
def test_promise_behind_a_dead_or_dismissed_one_is_kept(settings):
    settings.OUTBOX_HANDLERS = {"request.attach": f"{__name__}.keep"}
    dead(), dead(state="dismissed")
    behind = dead(state="pending")

    outbox.drain()

    behind.refresh_from_db()
    assert behind.state == "done"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("queue", "make"), [(inbox, "quarantined"), (outbox, "dead")])
def test_what_two_people_dismiss_at_once_is_dismissed_by_one(queue, make):
    for number in range(ROUNDS):
        entry = globals()[make](key=str(number))

        counts = together(
            lambda entry=entry: queue.dismiss([entry], because="One."),
            lambda entry=entry: queue.dismiss([entry], because="Other."),
        )

        assert sorted(counts) == [0, 1]


@pytest.mark.django_db(transaction=True)
def test_promise_that_is_tried_again_meanwhile_is_not_dismissed(settings):
    settings.OUTBOX_HANDLERS = {"request.attach": f"{__name__}.keep"}
    for number in range(ROUNDS):
        entry = dead(key=str(number))

        dismissed, _kept = together(
            lambda entry=entry: outbox.dismiss([entry], because="We know."),
            lambda entry=entry: (outbox.retry([entry]), outbox.drain()),
        )

        entry.refresh_from_db()
        assert entry.state == "done"
        assert dismissed in (0, 1)


def keep(promise):
    """A neighbour who takes what it is given."""


def quarantined(*, key="k", **values):
    state = {"state": InboxEntry.State.QUARANTINED, **values}
    return InboxEntry.objects.create(source="infobip", dedupe_key=key, body=b"{}", **state)


def dead(*, key="k", **values):
    given = {"topic": "request.attach", "subject": "1", "state": OutboxEntry.State.DEAD, **values}
    return OutboxEntry.objects.create(group=f"request:{key}", **given)
