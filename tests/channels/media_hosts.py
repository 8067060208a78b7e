"""Files to fetch, and a message that has one at the provider."""

from io import BytesIO

from django.utils import timezone
from PIL import Image

from conversations import outbox
from conversations.contracts import InboundFile, MessageKind
from conversations.models import Attachment, OutboxEntry
from conversations.services.fetched_files import expect_file
from tests.factories import MessageFactory

PATH = "/whatsapp/1/senders/385951006720/media/5b0e"


def picture(size=(40, 30), kind="JPEG", **options):
    content = BytesIO()
    Image.new("RGB", size, "teal").save(content, kind, **options)
    return content.getvalue()


def expected(host, path=PATH, *, kind=MessageKind.IMAGE, **file):
    """Return a file of a message that is promised to be fetched from a host."""
    message = MessageFactory(channel="whatsapp", kind=kind, text="")
    return expect_file(message, InboundFile(url=f"{host.url}{path}", **file))


def drain():
    """Try what is due, as if the waiting time between tries had passed."""
    OutboxEntry.objects.pending().filter(topic="file.fetch").update(run_after=timezone.now())
    OutboxEntry.objects.pending().exclude(topic="file.fetch").update(state="done")
    outbox.drain()


def row(attachment):
    return Attachment.objects.get(pk=attachment.pk)
