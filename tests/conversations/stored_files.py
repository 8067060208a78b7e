"""Stored files of messages."""

from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from PIL import Image

from conversations import files
from conversations.models import Attachment
from tests.factories import MessageFactory


def picture(size=(40, 30), kind="PNG", **options):
    content = BytesIO()
    Image.new("RGB", size, "teal").save(content, kind, **options)
    return content.getvalue()


def store(content=b"", *, message=None, name="photo.png", **fields):
    """Store a file of a message as a worker or a page does."""
    content = BytesIO(content or picture())
    attachment = Attachment(message=message or MessageFactory(), name=name, state="stored")
    facts = files.examine(content, name=name)
    with files.put(content, facts) as held, transaction.atomic():
        files.place(attachment, held, facts)
        for field, value in fields.items():
            setattr(attachment, field, value)
        attachment.save()
    return attachment


def upload(name="photo.png", content=b"", said="image/png"):
    return SimpleUploadedFile(name, content or picture(), said)
