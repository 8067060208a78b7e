"""Files of a conversation are attached to its request, each once."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from conversations.models import Attachment, Conversation, OutboxEntry
from conversations.services import known_requests
from conversations.services.files import promise_attachment
from jira_bridge.attachments import safe_name
from tenants.models import Installation
from tests.bucket_server import BucketServer
from tests.factories import MessageFactory
from tests.jira_bridge import forge
from tests.jira_bridge.opening import drain, entry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("installation", "defaults")]

ISSUE = f"{forge.ACME}/rest/api/3/issue/10107"
ATTACH = f"{ISSUE}/attachments"


@pytest.fixture
def stored(settings, tmp_path):
    """Store a file of a message and promise it to the request."""
    settings.MEDIA_ROOT = tmp_path

    def store(content=b"PNG...", *, issue_id="10107", **fields):
        attachment = Attachment(
            **{"name": "parcel.png", "content_type": "image/png", "state": "stored"} | fields,
            message=MessageFactory(conversation__issue_id=issue_id),
            size=len(content),
        )
        attachment.file.save("stored", ContentFile(content))
        promise_attachment(attachment)
        return attachment

    return store


def uploads(jira):
    return [request.body for request in jira.requests if request.path == ATTACH]


def has_files(jira, *files):
    found = [{"filename": name, "size": size} for name, size in files]
    jira.answer(200, {"fields": {"attachment": found}}, path=f"{ISSUE}?fields=attachment")


def test_file_is_attached_with_its_name_and_type(jira, stored):
    stored()
    jira.answer(200, [{"id": "1"}], path=ATTACH)

    drain()

    (body,) = uploads(jira)
    assert b'name="file"; filename="parcel.png"' in body
    assert b"Content-Type: image/png" in body
    assert b"PNG..." in body
    assert jira.requests[0].headers["x-atlassian-token"] == "no-check"
    assert entry("request.attach").state == "done"


def test_file_in_a_bucket_is_attached_too(jira, stored, settings):
    with BucketServer("omnichat-files") as bucket:
        settings.STORAGES = bucket.storages
        stored()
        jira.answer(200, [{"id": "1"}], path=ATTACH)

        drain()

    (body,) = uploads(jira)
    assert b"PNG..." in body
    assert entry("request.attach").state == "done"


def test_admins_can_keep_files_out_of_jira(jira, stored, defaults):
    defaults.attach_files = False
    defaults.save()
    stored()

    drain()

    assert jira.requests == []
    assert entry("request.attach").state == "done"


@pytest.mark.parametrize("wanted", [{"issue_id": ""}, {"state": "pending"}])
def test_it_waits_for_the_request_and_the_file(jira, stored, wanted):
    stored(**wanted)

    drain()

    assert jira.requests == []
    assert (entry("request.attach").state, entry("request.attach").started_at) == ("pending", None)


def test_file_that_jira_does_not_take_yet_holds_up_nothing_else(jira, stored):
    attachment = stored()
    conversation = attachment.message.conversation
    jira.answer(403, {}, path=ATTACH)
    jira.answer(200, forge.payload("issue_resolved"), path=ISSUE)

    known_requests.ask_for_status(conversation.issue_id)
    drain()

    conversation.refresh_from_db()
    assert (entry("request.attach").state, entry("request.refresh").state) == ("pending", "done")
    assert conversation.state == "ended"


@pytest.mark.parametrize(("tries", "longest"), [(11, 400), (12, 3600)])
def test_what_jira_refuses_for_long_is_tried_once_an_hour(jira, stored, tries, longest):
    stored()
    OutboxEntry.objects.update(attempts=tries)
    jira.answer(403, {}, path=ATTACH)

    drain()

    waits = (entry("request.attach").run_after - timezone.now()).total_seconds()
    assert longest / 2 < waits <= longest


@pytest.mark.parametrize("gone", ["refused", "deleted"])
def test_refused_file_or_deleted_request_needs_nothing(jira, stored, gone):
    attachment = stored(state="refused" if gone == "refused" else "stored")
    if gone == "deleted":
        Conversation.objects.filter(pk=attachment.message.conversation_id).update(
            state="ended", end_reason="deleted"
        )

    drain()

    assert jira.requests == []
    assert entry("request.attach").state == "done"


def test_after_a_lost_answer_the_file_is_found(jira, stored):
    stored()
    jira.hang_up(path=ATTACH)
    drain()
    has_files(jira, ("parcel.png", 6))

    drain()

    assert len(uploads(jira)) == 1
    assert entry("request.attach").state == "done"


def test_question_that_fails_leaves_the_lost_answer_lost(jira, stored, installation):
    stored()
    jira.hang_up(path=ATTACH)
    drain()
    jira.answer(429, {}, path=ISSUE)
    drain()
    Installation.objects.update(system_token_expires_at=timezone.now())
    drain()
    Installation.objects.update(system_token_expires_at=timezone.now() + timedelta(hours=2))
    has_files(jira, ("parcel.png", 6))

    drain()

    assert len(uploads(jira)) == 1
    assert entry("request.attach").state == "done"


@pytest.mark.parametrize("other", [("parcel.png", 7), ("other.png", 6)])
def test_after_a_lost_answer_another_file_does_not_count(jira, stored, other):
    stored()
    jira.hang_up(path=ATTACH)
    drain()
    has_files(jira, other)
    jira.answer(200, [{"id": "1"}], path=ATTACH)

    drain()

    assert len(uploads(jira)) == 2
    assert entry("request.attach").state == "done"


def test_file_that_is_gone_is_said(jira, stored):
    attachment = stored()
    attachment.file.storage.delete(attachment.file.name)

    drain()

    failed = entry("request.attach")
    assert (failed.state, failed.last_error) == (
        "dead",
        "The file is not in the storage any more.",
    )


def test_request_that_jira_does_not_show_is_marked(jira, stored):
    attachment = stored()
    jira.answer(404, {"errorMessages": ["Issue does not exist."]}, path=ATTACH)

    drain()

    conversation = attachment.message.conversation
    conversation.refresh_from_db()
    assert conversation.issue_hidden_since is not None
    assert entry("request.attach").state == "dead"


@pytest.mark.parametrize("content_type", ["", "image/png\r\nX-Other: 1", "image"])
def test_type_that_is_none_is_not_sent(jira, stored, content_type):
    stored(content_type=content_type)
    jira.answer(200, [{"id": "1"}], path=ATTACH)

    drain()

    assert b"Content-Type: application/octet-stream\r\n" in uploads(jira)[0]


@pytest.mark.parametrize(
    ("name", "content_type", "safe"),
    [
        ("parcel.png", "image/png", "parcel.png"),
        ("../../etc/passwd", "", "passwd"),
        ("C:\\files\\offer.pdf", "", "offer.pdf"),
        ("a\r\nX: b.png", "", "aX: b.png"),
        ('5" pipe.png', "", "5' pipe.png"),
        ("", "image/png", "attachment-7.png"),
        ("..", "", "attachment-7"),
        ("x" * 300 + ".pdf", "", "x" * 251 + ".pdf"),
        ("račun.pdf", "", "račun.pdf"),
    ],
)
def test_name_is_made_safe(name, content_type, safe):
    assert safe_name(Attachment(pk=7, name=name, content_type=content_type)) == safe
