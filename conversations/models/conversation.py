"""A conversation: one customer, one Jira request, and the state they are in."""

from datetime import datetime

from django.db import connection, models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations.contracts import Channel
from conversations.errors import InvalidTransition
from conversations.models.customer import Customer


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def active(self) -> "ConversationQuerySet":
        """Those that take the customer's next message."""
        return self.filter(state__in=[Conversation.State.OPENING, Conversation.State.ACTIVE])

    def live(self) -> "ConversationQuerySet":
        return self.exclude(state=Conversation.State.ENDED)


class Conversation(models.Model):
    """At most one of a customer's conversations is active, over all channels and requests."""

    class State(models.TextChoices):
        OPENING = "opening"  # the request does not exist in Jira yet
        ACTIVE = "active"
        PAUSED = "paused"
        ENDED = "ended"

    class EndReason(models.TextChoices):
        RESOLVED = "resolved"
        DELETED = "deleted"
        OPTED_OUT = "opted out"

    TRANSITIONS = {
        State.OPENING: {State.ACTIVE, State.PAUSED, State.ENDED},
        State.ACTIVE: {State.PAUSED, State.ENDED},
        State.PAUSED: {State.ACTIVE, State.ENDED},
        State.ENDED: {State.ACTIVE, State.PAUSED},
    }

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="conversations")
    channel = models.CharField(max_length=10, choices=Channel, help_text="The first message's.")
    issue_id = models.CharField(max_length=64, blank=True)
    issue_key = models.CharField(max_length=64, blank=True)
    issue_status = models.CharField(max_length=120, blank=True, help_text="Jira's own name for it.")
    issue_status_at = models.DateTimeField(
        null=True, blank=True, help_text="As of when we know the status, by Jira's clock."
    )
    issue_hidden_since = models.DateTimeField(
        null=True, blank=True, help_text="Jira says that there is no such request, or not for us."
    )
    channels = models.JSONField(
        null=True, blank=True, help_text="Those an agent has chosen, or null for all."
    )
    state = models.CharField(max_length=10, choices=State, default=State.OPENING)
    end_reason = models.CharField(max_length=10, choices=EndReason, blank=True)
    state_before_end = models.CharField(max_length=10, choices=State, blank=True)
    state_changed_at = models.DateTimeField(default=timezone.now)
    state_changed_by = models.CharField(max_length=128, blank=True)
    version = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    last_message_at = models.DateTimeField(default=timezone.now)
    typing_told_at = models.DateTimeField(
        null=True, blank=True, help_text="When the customer was last shown that an agent writes."
    )

    objects = ConversationQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("conversation")
        verbose_name_plural = gettext_lazy("conversations")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["issue_id"]),
            models.Index(fields=["-last_message_at"]),
            models.Index(fields=["created_at"], name="conversation_opened"),
            models.Index(
                fields=["state_changed_at"], name="conversation_ended", condition=Q(state="ended")
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["customer"],
                condition=Q(state__in=["opening", "active"]),
                name="one_active_conversation_per_customer",
            ),
            models.UniqueConstraint(
                fields=["issue_id"],
                condition=~Q(state="ended") & ~Q(issue_id=""),
                name="one_live_conversation_per_issue",
            ),
        ]

    def __str__(self) -> str:
        return self.issue_key or _("Conversation %(number)s") % {"number": self.pk}

    def move_to(self, state: State, *, by: str = "") -> None:
        """Change the state in memory; the caller holds the customer's lock and saves."""
        if state not in self.TRANSITIONS[self.State(self.state)]:
            raise InvalidTransition(f"A conversation cannot go from {self.state} to {state}.")
        if state == self.State.ENDED:
            self.state_before_end = self.state
        self.state = state
        self.state_changed_at = timezone.now()
        self.state_changed_by = by

    def raise_version(self, *, message_at: datetime | None = None) -> int:
        """Raise the cursor that panels follow and return it; stamp the changed rows with it.

        The UPDATE locks the row until the commit, so versions become visible in their order.
        """
        with connection.cursor() as cursor:
            cursor.execute(
                """
                UPDATE conversations_conversation
                SET version = version + 1, last_message_at = GREATEST(last_message_at, %s)
                WHERE id = %s RETURNING version
                """,
                (message_at, self.pk),
            )
            (self.version,) = cursor.fetchone()
        return self.version
