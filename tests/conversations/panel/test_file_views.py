"""Files in the panel: uploaded, taken back, fetched again, found anew; and by nobody else."""

from datetime import timedelta
from errno import ENOSPC
from unittest.mock import Mock
from uuid import uuid4

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile

from conversations.contracts import MessageKind
from conversations.models import Attachment, Message
from conversations.panel.file_views import REFUSAL_AT
from conversations.services import uploads
from logins.rate_limits import Limit
from tests.conversations.stored_files import picture, store
from tests.factories import MessageFactory, SenderFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def asked(inside_acme):
    """The customer of the agent's request has written on WhatsApp."""
    return MessageFactory(conversation__issue_id="10101", channel="whatsapp", provider_id="in-1")


@pytest.fixture
def upload(panel, asked):
    def send(*, by=None, sender=None, content=b"", name="lights.png", **fields):
        file = SimpleUploadedFile(name, content or picture(), "image/png")
        fields["sender"] = (sender or asked.sender).pk
        return (by or panel).post("uploads", file=file, **fields)

    return send


def test_upload_comes_back_as_an_entry_of_the_list(upload, elements):
    response = upload()

    assert response.status_code == 201
    assert elements(response).targets() == ["#uploads"]
    assert f'data-upload="{Attachment.objects.get().pk}"' in response.content.decode()


def test_upload_too_many_is_refused_in_words_where_the_box_is(upload, elements, monkeypatch):
    monkeypatch.setattr(uploads, "FILES", Limit("files", most=0, window=timedelta(minutes=1)))

    response = upload()

    assert (response.status_code, response["Retry-After"]) == (429, "60")
    assert elements(response).targets() == [REFUSAL_AT]
    assert "Try again in 1 minute." in response.content.decode()


def test_upload_that_the_storage_does_not_take_is_refused(upload, monkeypatch):
    full = Mock(side_effect=OSError(ENOSPC, "No space left on device"))
    with monkeypatch.context() as patched:
        patched.setattr(type(default_storage._wrapped), "_save", full)

        assert upload().status_code == 507

    assert not Attachment.objects.exists()
    assert upload().status_code == 201


def test_upload_for_a_template_goes_to_its_header(upload, elements):
    assert elements(upload(header="1")).targets() == ["#header-file"]


def test_upload_waits_for_who_made_it(panel, panel_of, upload):
    upload()

    assert 'data-name="lights.png"' in panel.get("view").content.decode()
    assert "lights.png" not in panel_of(account_id="another").get("view").content.decode()


def test_sms_takes_no_files(upload, asked, elements):
    response = upload(sender=SenderFactory())

    assert response.status_code == 422
    assert elements(response).targets() == [REFUSAL_AT]
    assert "SMS carries text only" in response.content.decode()
    assert not Attachment.objects.exists()


def test_who_may_only_look_may_not_attach(upload, panel_of):
    assert upload(by=panel_of(may_reply=False)).status_code == 403
    assert not Attachment.objects.exists()


def test_file_that_is_not_what_it_says_is_refused_with_the_reason(upload):
    response = upload(content=b"MZ\x90\x00 this is a program", name="lights.png")

    assert response.status_code == 422
    assert "lights.png is not what its name says" in response.content.decode()


def test_nothing_is_no_upload(panel, asked):
    assert panel.post("uploads", sender=asked.sender_id).status_code == 422
    assert panel.post("uploads", file=SimpleUploadedFile("a.txt", b"a")).status_code == 422


def test_upload_can_be_taken_back_by_who_made_it(panel, panel_of, upload):
    upload()
    path = f"uploads/{Attachment.objects.get().pk}"

    assert panel_of(account_id="another").delete(path).status_code == 404
    assert panel.delete(path).status_code == 204
    assert not Attachment.objects.exists()


def test_files_are_sent_with_the_message(panel, asked, upload):
    upload()
    attachment = Attachment.objects.get()
    response = panel.send(asked, text="Here", attachments=[attachment.pk])

    assert response.status_code == 200
    sent = Message.objects.get(direction="out")
    assert (sent.kind, sent.text) == (MessageKind.IMAGE, "Here")
    assert sent.attachments.get() == attachment


@pytest.mark.parametrize("attachments", [["x"], [99], [str(uuid4())], ["1"] * 31])
def test_files_that_are_none_send_nothing(panel, asked, attachments):
    assert panel.send(asked, attachments=attachments).status_code in {404, 422}
    assert not Message.objects.filter(direction="out").exists()


def test_quote_goes_with_the_message(panel, asked):
    assert panel.send(asked, quoted=asked.pk).status_code == 200
    assert Message.objects.get(direction="out").quoted == asked


def test_addresses_are_given_anew(panel, asked):
    attachment = store(message=asked)
    answer = panel.get(f"files/{attachment.pk}").json()

    assert set(answer) == {"address", "thumbnail", "download"}
    assert all(each.startswith("/panel/files/") for each in answer.values())


def test_files_of_another_request_have_no_address(panel, asked):
    elsewhere = store(message=MessageFactory(conversation__issue_id="20202"))
    pending = Attachment.objects.create(message=asked, state="pending")

    assert [panel.get(f"files/{each.pk}").status_code for each in (elsewhere, pending)] == [404] * 2


def test_uploads_of_others_have_no_address(panel, panel_of, upload):
    upload()
    path = f"files/{Attachment.objects.get().pk}"

    assert panel.get(path).status_code == 200
    assert panel_of(account_id="another").get(path).status_code == 404


def test_what_failed_is_fetched_again(panel, asked):
    attachment = Attachment.objects.create(
        message=asked, state="failed", problem="out-of-reach", source_url="https://x.example/1"
    )
    response = panel.post(f"files/{attachment.pk}/fetch", after=0)

    assert response.status_code == 200
    assert "Loading…" in response.content.decode()


def test_file_of_another_request_is_not_fetched_again(panel, asked):
    elsewhere = MessageFactory(conversation__issue_id="20202")
    attachment = Attachment.objects.create(message=elsewhere, state="failed")

    assert panel.post(f"files/{attachment.pk}/fetch").status_code == 404
