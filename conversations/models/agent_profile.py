"""How an agent is called in a thread."""

from django.db import models
from django.utils import timezone


class AgentProfile(models.Model):
    """The one copy we keep of a Jira account's name; messages hold the account id."""

    account_id = models.CharField(max_length=128, unique=True)
    name = models.CharField(max_length=200)
    time_zone = models.CharField(max_length=64, default="UTC")
    updated_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name
