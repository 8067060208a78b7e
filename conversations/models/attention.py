"""Who of the agents looks at a request, who writes, and up to where they have read it."""

from django.db import models
from django.utils import timezone


class ReadMark(models.Model):
    """Up to which message an agent has read a request's thread."""

    issue_id = models.CharField(max_length=64)
    account_id = models.CharField(max_length=128)
    message_id = models.BigIntegerField(
        help_text="Ids rise in the order in which messages came, whatever time they bear."
    )
    read_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["issue_id", "account_id"], name="one_read_mark_per_agent_and_issue"
            )
        ]

    def __str__(self) -> str:
        return f"Read mark {self.pk}"


class AgentPresence(models.Model):
    """When an agent's panel was last seen open on a request, and when they last typed there."""

    issue_id = models.CharField(max_length=64)
    account_id = models.CharField(max_length=128)
    seen_at = models.DateTimeField(default=timezone.now)
    typed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["issue_id", "account_id"], name="one_presence_per_agent_and_issue"
            )
        ]

    def __str__(self) -> str:
        return f"Presence {self.pk}"
