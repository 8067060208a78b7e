"""What agents attach is checked before it is kept, and theirs alone until it is sent."""

from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from conversations import capabilities
from conversations.errors import NotFound, SendingRefused, TooOften
from conversations.models import Attachment
from conversations.services import uploads
from conversations.services.uploads import (
    claim_uploads,
    discard_upload,
    take_upload,
    waiting_uploads,
)
from conversations.tasks import remove_forgotten_uploads
from logins.rate_limits import Limit
from tenants.context import current_schema
from tests.conversations.concurrency import together
from tests.conversations.stored_files import picture, upload
from tests.factories import AgentFactory, ConversationFactory, MessageFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def agent():
    ConversationFactory(issue_id="10101")
    return AgentFactory()


def take(agent, *described, channel="whatsapp", **more):
    return take_upload(agent, upload(*described, **more), channel)


def refused(agent, *described, **more):
    with pytest.raises(SendingRefused) as refusal:
        take(agent, *described, **more)
    assert not Attachment.objects.exists()
    assert not default_storage.exists("site_acme")
    return refusal.value.code


def test_upload_is_kept_for_its_agent(agent):
    attachment = take(agent)

    assert waiting_uploads(agent) == [attachment]
    assert (attachment.state, attachment.name) == ("stored", "photo.png")
    assert (attachment.content_type, attachment.width) == ("image/png", 40)
    assert attachment.file.read() == picture()


@pytest.mark.parametrize(
    ("name", "content", "said", "code"),
    [
        ("photo.png", b"MZ\x90\0\3\0" + bytes(60), "image/png", "file-disguised"),
        ("photo.png", b"<html><script>", "image/png", "file-disguised"),
        ("invoice.pdf", b"PK\x03\x04" + bytes(60), "application/pdf", "file-disguised"),
    ],
)
def test_bytes_betray_a_disguise(agent, name, content, said, code):
    assert refused(agent, name, content, said) == code


def test_empty_file_is_refused(agent):
    file = upload()
    file.size = 0

    with pytest.raises(SendingRefused, match=r"photo\.png is empty"):
        take_upload(agent, file, "whatsapp")


def test_sms_carries_no_files(agent):
    assert refused(agent, channel="sms") == "text-only"


def test_reader_attaches_nothing(agent):
    assert refused(AgentFactory(may_reply=False)) == "read-only"


def test_picture_one_byte_too_large_is_refused(agent):
    content = picture(kind="JPEG")
    content += bytes(5 * capabilities.MEGABYTE + 1 - len(content))

    assert refused(agent, "photo.jpg", content, "image/jpeg") == "file-too-large"
    take(agent, "photo.jpg", content[:-1], "image/jpeg")


@pytest.mark.parametrize(
    ("name", "content", "content_type"),
    [
        ("photo.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(40), "image/heic"),
        ("report", b"%PDF-1.7\n%\xe2\xe3", "application/pdf"),
        ("voice.ogg", b"OggS\0\x02" + bytes(22) + b"OpusHead" + bytes(20), "audio/ogg"),
    ],
)
def test_other_types_go_under_their_own(agent, name, content, content_type):
    assert take(agent, name, content, "x/y").content_type == content_type


def test_ten_wait_and_no_eleventh(agent):
    for _number in range(9):
        take(agent)

    def tenth():
        try:
            return bool(take(agent))
        except SendingRefused as refusal:
            return refusal.code

    assert sorted(map(str, together(tenth, tenth))) == ["True", "too-many-files"]
    assert len(waiting_uploads(agent)) == 10


@pytest.mark.parametrize("other", [{"account_id": "another"}, {"issue_id": "10102"}])
def test_nobody_else_and_no_other_request_has_it(agent, other):
    attachment = take(agent)
    stranger = AgentFactory(**other)

    assert waiting_uploads(stranger) == []
    with pytest.raises(NotFound):
        discard_upload(stranger, attachment.pk)
    with transaction.atomic(), pytest.raises(NotFound):
        claim_uploads(stranger, [attachment.pk])


def test_discarded_file_is_gone(agent):
    attachment = take(agent)

    discard_upload(agent, attachment.pk)

    assert waiting_uploads(agent) == []
    assert not default_storage.exists(attachment.file.name)


def test_claimed_files_come_in_their_order(agent):
    one, other = take(agent), take(agent)

    with transaction.atomic():
        assert claim_uploads(agent, [other.pk, one.pk]) == [other, one]


def test_sent_file_cannot_be_claimed_or_discarded(agent):
    attachment = take(agent)
    attachment.message = MessageFactory()
    attachment.save()

    with transaction.atomic(), pytest.raises(NotFound):
        claim_uploads(agent, [attachment.pk])
    with pytest.raises(NotFound):
        discard_upload(agent, attachment.pk)


def test_two_sends_at_once_get_a_file_once(agent):
    attachment = take(agent)

    def send():
        with transaction.atomic():
            try:
                (claimed,) = claim_uploads(agent, [attachment.pk])
            except NotFound:
                return "gone"
            claimed.message = message
            claimed.save()
        return "sent"

    message = MessageFactory()

    assert sorted(together(send, send)) == ["gone", "sent"]


def test_site_whose_uploads_cannot_be_removed_stops_no_other(globex, monkeypatch):
    def remove():
        if current_schema() == "site_acme":
            raise OSError
        return 1

    monkeypatch.setattr(uploads, "remove_forgotten", remove)

    assert remove_forgotten_uploads() == 1


def test_upload_that_nobody_sends_goes_after_a_day(agent):
    old, young, sent = take(agent), take(agent, "b.png", b""), take(agent)
    sent.message = MessageFactory()
    sent.save()
    day_ago = timezone.now() - timedelta(hours=25)
    Attachment.objects.filter(pk__in=[old.pk, sent.pk]).update(created_at=day_ago)

    assert remove_forgotten_uploads() == 1
    assert set(Attachment.objects.all()) == {young, sent}
    assert young.file.read() == picture()


@pytest.mark.parametrize("name", ["FILES", "MEGABYTES"])
def test_agent_attaches_so_much_in_a_while_though_it_is_discarded(agent, monkeypatch, name):
    monkeypatch.setattr(uploads, name, Limit(name, most=1, window=timedelta(minutes=5)))
    discard_upload(agent, take(agent).pk)

    with pytest.raises(TooOften, match=r"Try again in 5 minutes\.") as refusal:
        take(agent)

    assert (refusal.value.retry_after, Attachment.objects.exists()) == (300, False)
