"""What an agent has typed for a request and not sent yet."""

from django.db import models
from django.utils import timezone


class Draft(models.Model):
    """Kept on the server: in a cross-site frame the browser may keep nothing."""

    issue_id = models.CharField(max_length=64)
    account_id = models.CharField(max_length=128)
    text = models.TextField(blank=True)
    began_at = models.DateTimeField(
        default=timezone.now, help_text="What colleagues send later may answer the same."
    )
    saved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["issue_id", "account_id"], name="one_draft_per_agent_and_issue"
            )
        ]

    def __str__(self) -> str:
        return f"Draft {self.pk}"
