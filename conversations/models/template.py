"""A WhatsApp template: as the provider has it, and our tags."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy

from conversations.models.sender import Sender


class MessageTemplateQuerySet(models.QuerySet["MessageTemplate"]):
    def sendable(self) -> "MessageTemplateQuerySet":
        """Those that may be offered: approved, still listed, and understood in every part."""
        return self.filter(
            status__in=MessageTemplate.SENDABLE,
            gone_at=None,
            not_understood="",
            sender__enabled=True,
        )


class MessageTemplate(models.Model):
    """`structure` is in our own words, see `conversations.templates`; `raw` is the provider's."""

    class Status(models.TextChoices):
        APPROVED = "APPROVED"
        PENDING = "PENDING"
        REJECTED = "REJECTED"
        IN_APPEAL = "IN_APPEAL"
        REINSTATED = "REINSTATED"
        FLAGGED = "FLAGGED"
        FIRST_PAUSED = "FIRST_PAUSED"
        SECOND_PAUSED = "SECOND_PAUSED"
        DISABLED = "DISABLED"
        PENDING_DELETION = "PENDING_DELETION"
        DELETED = "DELETED"

    SENDABLE = (Status.APPROVED, Status.REINSTATED, Status.FLAGGED)

    sender = models.ForeignKey(Sender, on_delete=models.CASCADE, related_name="templates")
    name = models.CharField(max_length=512)
    language = models.CharField(max_length=20)
    provider_id = models.CharField(max_length=100, blank=True, db_index=True)
    status = models.CharField(max_length=40, help_text="One of Status, or a word yet unknown.")
    category = models.CharField(max_length=40, blank=True)
    quality = models.CharField(max_length=20, blank=True)
    rejected_for = models.CharField(max_length=100, blank=True)
    structure = models.JSONField(default=dict, blank=True)
    raw = models.JSONField(default=dict, blank=True)
    not_understood = models.CharField(max_length=200, blank=True, help_text="Which part, if any.")
    tags = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    synced_at = models.DateTimeField(default=timezone.now)
    gone_at = models.DateTimeField(null=True, blank=True, help_text="Since when it is not listed.")
    created_at = models.DateTimeField(default=timezone.now)

    objects = MessageTemplateQuerySet.as_manager()

    class Meta:
        ordering = ["name", "language", "pk"]
        verbose_name = gettext_lazy("template")
        verbose_name_plural = gettext_lazy("templates")
        constraints = [
            models.UniqueConstraint(
                fields=["sender", "name", "language"], name="one_template_per_sender_and_language"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="template_has_a_name"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.language})"
