"""The console's inbox and outbox: looked at, and tried again."""

import pytest
from django.conf import settings

from conversations import outbox
from conversations.admin.outbox_entries import WHAT
from conversations.models import AuditEvent, InboxEntry, OutboxEntry
from logins.roles import Role
from tests.consoles import client_of, owners_client

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


def test_all_of_one_reason_are_tried_again():
    entry = kept(state="quarantined", reason="KeyError in parse:12", dedupe_key="a")
    other = kept(state="quarantined", reason="The item is not JSON.", dedupe_key="b")

    try_all_again(reason="KeyError in parse:12")

    assert [state_of(entry), state_of(other)] == ["new", "quarantined"]


def test_everything_is_tried_again():
    entries = [kept(state="quarantined", dedupe_key=key) for key in "ab"]
    done = kept(state="done", dedupe_key="c")

    response = try_all_again(reason="")

    assert [state_of(entry) for entry in [*entries, done]] == ["new", "new", "done"]
    assert "2 will be tried again." in response.content.decode()


def test_trying_all_again_is_a_post_of_those_who_may():
    client = owners_client()
    assert client.get(f"{INBOX}try-all-again/").status_code == 405

    client = client_of("iva", Role.AUDITOR)
    assert client.post(f"{INBOX}try-all-again/").status_code == 403


def test_quarantine_is_told_on_the_overview():
    kept(state="quarantined", dedupe_key="a")
    kept(state="done", dedupe_key="b")

    page = owners_client().get("/admin/").content.decode()

    assert "1 item is in quarantine" in page
    assert f"{INBOX}?state__exact=quarantined" in page


def test_an_empty_quarantine_is_not_told():
    kept(state="done")

    assert "quarantine" not in owners_client().get("/admin/").content.decode()


def test_body_is_shown_masked_on_its_page_only():
    entry = kept(body=b'{"from": "385991903327", "text": "Hello you"}')
    client = owners_client()

    assert "Hello" not in client.get(INBOX).content.decode()
    page = client.get(f"{INBOX}{entry.pk}/change/").content.decode()
    assert "Hello" not in page
    assert "385991903327" not in page
    assert "38••••••••27" in page


def test_body_is_shown_whole_as_text():
    entry = kept(body=b'{"text": "<b>Hello</b>"}\xff\x00')

    page = owners_client().get(f"{INBOX}{entry.pk}/change/?whole=1").content.decode()

    assert "&lt;b&gt;Hello&lt;/b&gt;" in page


@pytest.mark.parametrize(
    ("query", "action"), [("", "inbox.opened"), ("?whole=1", "inbox.revealed")]
)
def test_opening_a_body_is_recorded(query, action):
    entry = kept()

    owners_client().get(f"{INBOX}{entry.pk}/change/{query}")

    event = AuditEvent.objects.get()
    assert (event.action, event.subject_id) == (action, str(entry.pk))


def test_quarantine_is_filtered():
    kept(state="done", dedupe_key="a")
    quarantined = kept(state="quarantined", dedupe_key="b")

    page = owners_client().get(INBOX, {"state__exact": "quarantined"})

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
    client = owners_client()
    path = f"{OUTBOX}{entry.pk}/change/"

    assert client.get(path).status_code == 200
    assert client.post(path, {"state": "done"}).status_code == 403


def kept(**kwargs):
    return InboxEntry.objects.create(
        **{"source": "infobip", "dedupe_key": "k", "body": b"{}", **kwargs}
    )


def state_of(entry):
    entry.refresh_from_db()
    return entry.state


def try_all_again(reason):
    return owners_client().post(f"{INBOX}try-all-again/", {"reason": reason}, follow=True)


def act(path, action, entry):
    form = {"action": action, "_selected_action": [entry.pk]}
    return owners_client().post(path, form, follow=True)


def test_outbox_says_in_words_what_must_leave():
    outbox.promise("request.open", group="g", subject="10101")
    outbox.promise("from.another-release", group="h", subject="1")

    text = owners_client().get(OUTBOX).content.decode()

    assert "Open a request" in text
    assert "from.another-release" in text


def test_every_topic_of_the_outbox_has_words():
    assert set(WHAT) == set(settings.OUTBOX_HANDLERS)
