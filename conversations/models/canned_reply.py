"""The site's own texts that agents insert into a reply."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy

from conversations.contracts import Channel


class CannedReply(models.Model):
    """A text with variables, for one language and channel or for all."""

    name = models.CharField(max_length=100)
    language = models.CharField(max_length=20, blank=True, help_text="Empty: for any.")
    channel = models.CharField(
        max_length=10, choices=Channel, blank=True, help_text="Empty: for any."
    )
    text = models.TextField()
    tags = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name", "language", "channel"]
        verbose_name = gettext_lazy("canned reply")
        verbose_name_plural = gettext_lazy("canned replies")
        constraints = [
            models.UniqueConstraint(
                fields=["name", "language", "channel"], name="one_canned_reply_of_a_name"
            )
        ]

    def __str__(self) -> str:
        return self.name


class CannedReplyUse(models.Model):
    """When an agent used a text last: recent ones are offered first."""

    reply = models.ForeignKey(CannedReply, on_delete=models.CASCADE, related_name="uses")
    account_id = models.CharField(max_length=128)
    used_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account_id", "reply"], name="one_use_per_agent_and_canned_reply"
            )
        ]

    def __str__(self) -> str:
        return f"Use {self.pk}"
