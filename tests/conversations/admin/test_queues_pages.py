"""The console's inbox and outbox: looked at, and tried again."""

import pytest

from conversations.models import AuditEvent, InboxEntry, OutboxEntry
from tests.consoles import superusers_client

pytestmark = pytest.mark.django_db

INBOX = "/admin/conversations/inboxentry/"
OUTBOX = "/admin/conversations/outboxentry/"


def test_quarantined_item_is_tried_again():
    entry = kept(state="quarantined", reason="KeyError in parse:12", attempts=1)

    response = act(INBOX, "try_again", entry)

    entry.refresh_from_db()
    assert "1 will be tried again." in response.content.decode()
    assert (entry.state, entry.reason, entry.attempts) == ("new", "", 0)


def test_item_that_is_done_is_not_tried_again():
    entry = kept(state="done")

    act(INBOX, "try_again", entry)

    entry.refresh_from_db()
    assert entry.state == "done"


def test_trying_again_is_recorded():
    act(INBOX, "try_again", kept(state="quarantined"))

    event = AuditEvent.objects.get()
    assert (event.action, event.actor, event.detail["count"]) == ("inbox.retried", "ana", 1)


def test_body_is_shown_as_text_on_its_page_only():
    entry = kept(body=b'{"text": "<b>Hello</b>"}\xff\x00')
    client = superusers_client()

    assert "Hello" not in client.get(INBOX).content.decode()
    assert "&lt;b&gt;Hello&lt;/b&gt;" in client.get(f"{INBOX}{entry.pk}/change/").content.decode()


def test_opening_a_body_is_recorded():
    entry = kept()

    superusers_client().get(f"{INBOX}{entry.pk}/change/")

    event = AuditEvent.objects.get()
    assert (event.action, event.subject_id) == ("inbox.opened", str(entry.pk))


def test_quarantine_is_filtered():
    kept(state="done", dedupe_key="a")
    quarantined = kept(state="quarantined", dedupe_key="b")

    page = superusers_client().get(INBOX, {"state__exact": "quarantined"})

    assert list(page.context["cl"].result_list) == [quarantined]


def test_dead_promise_is_tried_again_now():
    entry = OutboxEntry.objects.create(topic="request.open", group="g", state="dead")

    act(OUTBOX, "try_again_now", entry)

    entry.refresh_from_db()
    assert entry.state == "pending"
    assert AuditEvent.objects.get().action == "outbox.retried"


def test_kept_promise_is_not_kept_again():
    entry = OutboxEntry.objects.create(topic="request.open", group="g", state="done")

    response = act(OUTBOX, "try_again_now", entry)

    entry.refresh_from_db()
    assert entry.state == "done"
    assert "0 will be tried again." in response.content.decode()


def test_promise_has_a_page_and_cannot_be_changed():
    entry = OutboxEntry.objects.create(topic="request.open", group="g")
    client = superusers_client()
    path = f"{OUTBOX}{entry.pk}/change/"

    assert client.get(path).status_code == 200
    assert client.post(path, {"state": "done"}).status_code == 403


def kept(**kwargs):
    return InboxEntry.objects.create(
        **{"source": "infobip", "dedupe_key": "k", "body": b"{}", **kwargs}
    )


def act(path, action, entry):
    form = {"action": action, "_selected_action": [entry.pk]}
    return superusers_client().post(path, form, follow=True)
