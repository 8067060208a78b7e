"""How an agent is called in a thread, and how they want their panel to be."""

from django.db import models
from django.utils import timezone


class AgentProfile(models.Model):
    """The one copy we keep of a Jira account's name; messages hold the account id."""

    account_id = models.CharField(max_length=128, unique=True)
    name = models.CharField(max_length=200)
    time_zone = models.CharField(max_length=64, default="UTC")
    locale = models.CharField(max_length=20, blank=True, help_text="Jira's, such as en_GB.")
    language = models.CharField(
        max_length=10, blank=True, help_text="The panel's, chosen by the agent; empty: as in Jira."
    )
    send_with_enter = models.BooleanField(default=False)
    counter_details = models.BooleanField(default=True)
    updated_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name
