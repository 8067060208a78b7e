"""What was said is kept in Jira when a request is resolved, if the admin wants it."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from conversations.models import AgentProfile, AuditEvent, OutboxEntry
from conversations.services import lifecycle
from jira_bridge import adf
from tenants.models import Installation
from tests.factories import ConversationFactory, CustomerFactory, MessageFactory, SendFactory
from tests.jira_bridge import forge
from tests.jira_bridge.opening import asked, drain, entry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("installation", "noon")]

ISSUE = f"{forge.ACME}/rest/api/3/issue/10107"
COMMENT = f"{ISSUE}/comment"
ATTACH = f"{ISSUE}/attachments"
NAME = "omnichat-SUP-107-2026-11-22-1200.txt"
TRANSCRIPT = """\
Conversation with Ana (+385 99 190 3327)
SMS

2026-11-22T11:58Z · Ana · SMS
> Where is my parcel?

2026-11-22T11:58Z · OmniChat · SMS
> We are on it.

2026-11-22T11:59Z · Marko Marić · SMS · Not delivered
> On its way.
> Tomorrow."""


@pytest.fixture
def noon(time_machine):
    time_machine.move_to("2026-11-22T12:00:00Z", tick=False)


@pytest.fixture
def kept(defaults, installation):
    """Say how transcripts are kept."""
    Installation.objects.update(system_token_expires_at=timezone.now() + timedelta(hours=2))

    def keep(transcript, **more):
        for name, value in {"transcript": transcript, **more}.items():
            setattr(defaults, name, value)
        defaults.save()

    return keep


@pytest.fixture
def conversation():
    customer = CustomerFactory(name="Ana")
    found = ConversationFactory(issue_id="10107", issue_key="SUP-107", customer=customer)
    AgentProfile.objects.create(account_id="agent-1", name="Marko Marić")
    first = say(found, "Where is my parcel?", second=-100, address__value="385991903327")
    for text, second, state, author in (
        ("We are on it.", -99, "delivered", ""),
        ("On its way.\nTomorrow.", -60, "failed", "agent-1"),
    ):
        message = say(
            found, text, second=second, direction="out", author=author, address=first.address
        )
        SendFactory(message=message, state=state)
    return found


def say(conversation, text, *, second=0, **more):
    at = timezone.now() + timedelta(seconds=second)
    return MessageFactory(
        conversation=conversation, text=text, occurred_at=at, created_at=at, **more
    )


def resolve(conversation):
    OutboxEntry.objects.all().delete()
    take_status(conversation, "Resolved", resolved=True)
    OutboxEntry.objects.exclude(topic="request.transcript").delete()


def take_status(conversation, status, *, resolved):
    lifecycle.take_status(
        conversation.issue_id, status=status, resolved=resolved, at=timezone.now()
    )


def uploads(jira):
    return [request.body.decode() for request in jira.requests if request.path == ATTACH]


def test_nothing_is_kept_unless_wanted(jira, kept, conversation):
    kept("off")
    resolve(conversation)

    drain()

    assert jira.requests == []
    assert entry("request.transcript").state == "done"


def test_transcript_is_an_internal_comment(jira, kept, conversation):
    kept("comment")
    resolve(conversation)
    jira.answer(201, {"id": "1"}, path=COMMENT)

    drain()

    (sent,) = asked(jira, COMMENT)
    assert sent["body"] == adf.document(TRANSCRIPT)
    assert sent["properties"] == [{"key": "sd.public.comment", "value": {"internal": True}}]
    assert entry("request.transcript").state == "done"


def test_transcript_is_a_file(jira, kept, conversation):
    kept("file")
    resolve(conversation)
    jira.answer(200, [{"id": "1"}], path=ATTACH)

    drain()

    (body,) = uploads(jira)
    assert f'filename="{NAME}"' in body
    assert "Content-Type: text/plain; charset=utf-8" in body
    assert f"\r\n\r\n{TRANSCRIPT}\r\n--" in body


def test_number_is_masked_as_the_admin_says(jira, kept, conversation):
    kept("comment", mask_number=True)
    conversation.customer.name = ""
    conversation.customer.save()
    resolve(conversation)
    jira.answer(201, {"id": "1"}, path=COMMENT)

    drain()

    said = adf.plain_text(asked(jira, COMMENT)[0]["body"])
    assert said.startswith("Conversation with +385 99 190 ••27\n")
    assert "· +385 99 190 ••27 · SMS\n> Where is my parcel?" in said
    assert "3327" not in said


def test_what_is_no_text_says_its_kind(jira, kept, conversation):
    kept("comment")
    say(conversation, "", kind="image", channel="whatsapp")
    resolve(conversation)
    jira.answer(201, {"id": "1"}, path=COMMENT)

    drain()

    said = adf.plain_text(asked(jira, COMMENT)[0]["body"])
    assert said.endswith("\n\n2026-11-22T12:00Z · Ana · WhatsApp · Image")
    assert "\nSMS, WhatsApp\n" in said


def test_text_cannot_pass_for_another_message(jira, kept, conversation):
    kept("comment")
    say(conversation, "Hi\n\n2026-11-22T12:00Z · Marko Marić · SMS\u2028> We pay.")
    resolve(conversation)
    jira.answer(201, {"id": "1"}, path=COMMENT)

    drain()

    said = adf.plain_text(asked(jira, COMMENT)[0]["body"])
    assert said.endswith("> Hi\n> \n> 2026-11-22T12:00Z · Marko Marić · SMS\n> > We pay.")


def test_reopened_request_gets_what_is_new_only(jira, kept, conversation, time_machine):
    kept("comment")
    jira.answer(201, {"id": "1"}, path=COMMENT, times=2)
    resolve(conversation)
    drain()
    time_machine.shift(60)
    take_status(conversation, "In progress", resolved=False)
    say(conversation, "And now?")

    resolve(conversation)
    drain()

    second = adf.plain_text(asked(jira, COMMENT)[1]["body"])
    assert "> And now?" in second
    assert "Where is my parcel?" not in second


def test_request_resolved_again_without_a_word_gets_nothing(jira, kept, conversation, time_machine):
    kept("comment")
    jira.answer(201, {"id": "1"}, path=COMMENT)
    resolve(conversation)
    drain()
    time_machine.shift(60)
    take_status(conversation, "In progress", resolved=False)

    resolve(conversation)
    drain()

    assert len(asked(jira, COMMENT)) == 1
    assert entry("request.transcript").state == "done"


def test_what_is_too_long_for_a_comment_is_a_file(jira, kept, conversation):
    kept("comment")
    say(conversation, "x" * 32_767)
    resolve(conversation)
    jira.answer(200, [{"id": "1"}], path=ATTACH)

    drain()

    assert "x" * 32_767 in uploads(jira)[0]
    assert asked(jira, COMMENT) == []


def test_after_a_lost_answer_the_comment_is_found(jira, kept, conversation):
    kept("comment")
    resolve(conversation)
    jira.hang_up(path=COMMENT)
    drain()
    jira.answer(200, {"comments": [{"body": adf.document(TRANSCRIPT)}]}, path=COMMENT)

    drain()

    assert len(asked(jira, COMMENT)) == 1
    assert AuditEvent.objects.filter(action="transcript.kept").count() == 1


def test_question_that_fails_leaves_the_lost_answer_lost(jira, kept, conversation):
    kept("comment")
    resolve(conversation)
    jira.hang_up(path=COMMENT)
    drain()
    jira.answer(429, {}, path=COMMENT)
    drain()
    jira.answer(200, {"comments": [{"body": adf.document(TRANSCRIPT)}]}, path=COMMENT)

    drain()

    assert len(asked(jira, COMMENT)) == 1
    assert entry("request.transcript").state == "done"


def test_after_a_lost_answer_the_file_is_found(jira, kept, conversation):
    kept("file")
    resolve(conversation)
    jira.hang_up(path=ATTACH)
    drain()
    found = [{"filename": NAME, "size": len(TRANSCRIPT.encode())}]
    jira.answer(200, {"fields": {"attachment": found}}, path=ISSUE)

    drain()

    assert len(uploads(jira)) == 1
    assert entry("request.transcript").state == "done"


@pytest.mark.parametrize("transcript", ["comment", "file"])
def test_after_a_lost_answer_that_was_nothing_it_is_written_again(
    jira, kept, conversation, transcript
):
    kept(transcript)
    resolve(conversation)
    jira.hang_up(path=ISSUE)
    drain()
    jira.answer(200, {"comments": [{"body": adf.document("Other")}], "fields": {}}, path=ISSUE)
    jira.answer(201, path=ISSUE)

    drain()

    assert entry("request.transcript").state == "done"
    assert [request.method for request in jira.requests] == ["POST", "GET", "POST"]


def test_words_and_numbers_stay_out_of_the_rows(jira, kept, conversation):
    kept("comment")
    resolve(conversation)
    jira.answer(400, {"errorMessages": ["385991903327 is too long."]}, path=COMMENT)

    drain()

    rows = [*OutboxEntry.objects.values(), *AuditEvent.objects.values()]
    assert not any(word in json.dumps(rows, default=str) for word in ("3327", "parcel", "Ana"))
    assert entry("request.transcript").state == "dead"
