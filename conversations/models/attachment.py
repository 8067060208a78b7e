"""A file that came with a message or goes with one."""

from django.db import models
from django.utils import timezone

from conversations.models.message import Message


class Attachment(models.Model):
    """The file itself lies in Django's storage; this row says what it is.

    An agent's file has no message until it is sent: it belongs to who uploaded it, for one request.
    """

    class State(models.TextChoices):
        PENDING = "pending"  # still at the provider
        STORED = "stored"
        FAILED = "failed"  # not fetched; an agent may have it tried again
        REFUSED = "refused"  # never: too large, a forbidden address, malware

    message = models.ForeignKey(
        Message, on_delete=models.PROTECT, null=True, blank=True, related_name="attachments"
    )
    issue_id = models.CharField(max_length=64, blank=True, help_text="Of an upload not yet sent.")
    uploaded_by = models.CharField(max_length=128, blank=True, help_text="A Jira account id.")
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    problem = models.CharField(max_length=40, blank=True, help_text="Why it is failed or refused.")
    file = models.FileField(upload_to="attachments/%Y/%m/", max_length=300, blank=True)
    thumbnail = models.FileField(upload_to="thumbnails/%Y/%m/", max_length=300, blank=True)
    width = models.PositiveIntegerField(default=0, help_text="Pixels, of an image.")
    height = models.PositiveIntegerField(default=0, help_text="Pixels, of an image.")
    name = models.CharField(max_length=255, blank=True)
    content_type = models.CharField(max_length=100, blank=True)
    size = models.BigIntegerField(default=0, help_text="Bytes.")
    sha256 = models.CharField(max_length=64, blank=True, db_index=True)
    source_url = models.CharField(max_length=2048, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name or f"Attachment {self.pk}"
