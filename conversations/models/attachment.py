"""A file that came with a message or goes with one."""

from django.db import models
from django.utils import timezone

from conversations.models.message import Message


class Attachment(models.Model):
    """The file itself lies in Django's storage; this row says what it is."""

    class State(models.TextChoices):
        PENDING = "pending"
        STORED = "stored"
        REFUSED = "refused"

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="attachments")
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    file = models.FileField(upload_to="attachments/%Y/%m/", blank=True)
    name = models.CharField(max_length=255, blank=True)
    content_type = models.CharField(max_length=100, blank=True)
    size = models.BigIntegerField(default=0, help_text="Bytes.")
    sha256 = models.CharField(max_length=64, blank=True, db_index=True)
    source_url = models.URLField(max_length=2048, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name or f"Attachment {self.pk}"
