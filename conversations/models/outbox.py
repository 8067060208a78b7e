"""What must still leave: the rows of the outbox."""

from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy


class OutboxQuerySet(models.QuerySet["OutboxEntry"]):
    def pending(self) -> "OutboxQuerySet":
        return self.filter(state=OutboxEntry.State.PENDING)


class OutboxEntry(models.Model):
    """A promise to the world, made in the transaction that decided it.

    `run_after` is schedule, lease and back-off at once. `started_at` is since when
    we do not know how a try ended; it is empty when no try can have left.
    """

    class State(models.TextChoices):
        PENDING = "pending"
        DONE = "done"
        DEAD = "dead"
        DISMISSED = "dismissed"  # a dead one that a person has put away, for a reason

    LEASE = timedelta(seconds=20)  # renewed while the try lasts (conversations.leases)

    topic = models.CharField(gettext_lazy("topic"), max_length=40)
    group = models.CharField(gettext_lazy("group"), max_length=80)
    subject = models.CharField(gettext_lazy("subject"), max_length=64)
    state = models.CharField(max_length=12, choices=State, default=State.PENDING)
    attempts = models.PositiveIntegerField(gettext_lazy("attempts"), default=0)
    run_after = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    turn_at = models.DateTimeField(
        null=True, blank=True, help_text="Its place in the row of those that keep a pace."
    )
    claim = models.UUIDField(null=True, blank=True)
    last_error = models.CharField(max_length=300, blank=True)
    dismissed_because = models.CharField(
        gettext_lazy("dismissed because"), max_length=300, blank=True, default="", db_default=""
    )
    created_at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True, blank=True)

    objects = OutboxQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("task")
        verbose_name_plural = gettext_lazy("waiting and failed")
        indexes = [
            models.Index(fields=["id"], name="outbox_pending", condition=Q(state="pending")),
            models.Index(fields=["id"], name="outbox_dead", condition=Q(state="dead")),
            models.Index(fields=["run_after"], name="outbox_due", condition=Q(state="pending")),
            models.Index(fields=["group", "id"], name="outbox_group", condition=Q(state="pending")),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.subject}"
