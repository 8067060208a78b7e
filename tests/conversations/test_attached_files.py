"""Files that go with an answer: one message each, the text with the first."""

from functools import partial
from uuid import UUID, uuid4, uuid5

import pytest

from conversations.capabilities import MEGABYTE
from conversations.contracts import Channel
from conversations.errors import NotFound, SendingRefused
from conversations.models import Attachment, Draft, Message, OutboxEntry
from conversations.services.replies import send_reply
from tests.conversations.concurrency import together
from tests.factories import AgentFactory, MessageFactory

WRITERS = 8
TYPES = {
    "jpg": "image/jpeg",
    "mp4": "video/mp4",
    "mp3": "audio/mpeg",
    "ogg": "audio/ogg",
    "pdf": "application/pdf",
}

pytestmark = pytest.mark.django_db


@pytest.fixture
def question(inside_acme):
    return MessageFactory(
        conversation__issue_id="10101",
        channel=Channel.WHATSAPP,
        sender__number="385951006720",
        provider_id="wamid.1=",
    )


def upload(name="parcel.jpg", **values):
    agent = AgentFactory()
    defaults = {
        "issue_id": agent.issue_id,
        "uploaded_by": agent.account_id,
        "state": Attachment.State.STORED,
        "name": name,
        "content_type": TYPES[name[-3:]],
        "size": 1000,
    }
    return Attachment.objects.create(**(defaults | values))


def reply(question, *files, **values):
    defaults = {
        "text": "Here it is.",
        "client_id": uuid4(),
        "sender_id": question.sender_id,
        "address_id": question.address_id,
        "attachment_ids": [file.pk for file in files],
    }
    return send_reply(AgentFactory(), **(defaults | values))


def sent():
    """Return kind, text and file name of what was stored, in its order."""
    messages = Message.objects.filter(direction="out").order_by("pk")
    names = [message.attachments.values_list("name", flat=True).first() for message in messages]
    return [
        (message.kind, message.text, name) for message, name in zip(messages, names, strict=True)
    ]


def assert_refused(code, question, *files, **values):
    with pytest.raises(SendingRefused) as refused:
        reply(question, *files, **values)
    assert refused.value.code == code
    assert sent() == []
    assert not OutboxEntry.objects.exists()
    assert not Attachment.objects.exclude(message=None).exists()


def test_text_is_the_caption_of_the_first_file(question):
    reply(question, upload("a.jpg"), upload("b.pdf"), upload("c.mp4"))

    assert sent() == [
        ("image", "Here it is.", "a.jpg"),
        ("document", "", "b.pdf"),
        ("video", "", "c.mp4"),
    ]


@pytest.mark.parametrize(("name", "kind"), [("a.mp3", "audio"), ("a.ogg", "voice")])
def test_sound_has_no_caption_so_the_text_goes_before_it(question, name, kind):
    reply(question, upload(name), upload("b.jpg"))

    assert sent() == [
        ("text", "Here it is.", None),
        (kind, "", name),
        ("image", "", "b.jpg"),
    ]


def test_files_need_no_text(question):
    reply(question, upload("a.mp3"), text=" \n")

    assert sent() == [("audio", "", "a.mp3")]


def test_each_is_promised_in_order_and_to_jira(question):
    first, second = upload("a.jpg"), upload("b.jpg")

    reply(question, first, second)

    entries = OutboxEntry.objects.order_by("pk")
    topics = [entry.topic for entry in entries]
    assert topics == ["message.deliver", "request.attach"] * 2
    subjects = [entry.subject for entry in entries if entry.topic == "request.attach"]
    assert subjects == [str(first.pk), str(second.pk)]


def test_only_the_first_quotes(question):
    reply(question, upload("a.jpg"), upload("b.jpg"), quoted_id=question.pk)

    ours = Message.objects.filter(direction="out").order_by("pk")
    assert [message.quoted_id for message in ours] == [question.pk, None]


def test_repeated_request_is_the_same_messages(question):
    client_id, files = UUID(int=7), [upload("a.jpg"), upload("b.jpg")]

    first = reply(question, *files, client_id=client_id)

    assert reply(question, *files, client_id=client_id) == first
    ids = Message.objects.filter(direction="out").order_by("pk").values_list("client_id", flat=True)
    assert list(ids) == [client_id, uuid5(client_id, "1")]


def test_draft_is_gone_after_sending(question):
    agent = AgentFactory()
    Draft.objects.create(issue_id=agent.issue_id, account_id=agent.account_id, text="Here")

    reply(question, upload())

    assert not Draft.objects.exists()


@pytest.mark.parametrize(
    ("name", "size"), [("a.jpg", 5), ("a.mp4", 16), ("a.mp3", 16), ("a.ogg", 16), ("a.pdf", 100)]
)
def test_file_may_be_as_large_as_its_kind_allows(question, name, size):
    largest = size * MEGABYTE

    assert_refused("file-too-large", question, upload(name, size=largest + 1))
    assert reply(question, upload(name, size=largest)).status == "queued"


def test_caption_may_have_1024_characters(question):
    assert_refused("too-long", question, upload(), text="č" * 1025)
    assert reply(question, upload(), text="č" * 1024).status == "queued"


def test_ten_files_go_at_a_time(question):
    files = [upload() for _number in range(11)]

    assert_refused("too-many-files", question, *files)
    reply(question, *files[:10])
    assert len(sent()) == 10


def test_sms_carries_no_files():
    question = MessageFactory(conversation__issue_id="10101")

    assert_refused("text-only", question, upload())


@pytest.mark.parametrize("values", [{"issue_id": "20202"}, {"uploaded_by": "another"}])
def test_upload_of_another_request_or_agent_is_not_found(question, values):
    with pytest.raises(NotFound):
        reply(question, upload(**values))
    assert sent() == []


def test_file_is_sent_once(question):
    file = upload()
    reply(question, file)

    with pytest.raises(NotFound):
        reply(question, file)


@pytest.mark.django_db(transaction=True)
def test_same_files_posted_at_once_are_sent_once(question):
    files = [upload("a.jpg"), upload("b.jpg")]
    post = partial(reply, question, *files, client_id=uuid4())

    together(*[post] * WRITERS)

    assert [name for _kind, _text, name in sent()] == ["a.jpg", "b.jpg"]
    assert OutboxEntry.objects.filter(topic="message.deliver").count() == 2
