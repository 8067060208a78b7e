"""What came in from a neighbour, raw, until it is understood."""

from datetime import datetime

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy


class InboxQuerySet(models.QuerySet["InboxEntry"]):
    def due(self, now: datetime) -> "InboxQuerySet":
        return self.filter(state=InboxEntry.State.NEW, due_at__lte=now).order_by("pk")


class InboxEntry(models.Model):
    """One item of a neighbour's request, as bytes: a NUL or a lone surrogate must be storable."""

    class State(models.TextChoices):
        NEW = "new"
        DONE = "done"
        QUARANTINED = "quarantined"
        DISMISSED = "dismissed"  # from quarantine, by a person and for a reason

    source = models.CharField(max_length=20)
    dedupe_key = models.CharField(max_length=64)
    body = models.BinaryField()
    state = models.CharField(max_length=12, choices=State, default=State.NEW)
    reason = models.CharField(max_length=300, blank=True)
    dismissed_because = models.CharField(
        gettext_lazy("dismissed because"), max_length=300, blank=True, default="", db_default=""
    )
    attempts = models.PositiveIntegerField(gettext_lazy("attempts"), default=0)
    received_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now)

    objects = InboxQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("item from outside")
        verbose_name_plural = gettext_lazy("quarantine")
        constraints = [
            models.UniqueConstraint(fields=["source", "dedupe_key"], name="inbox_item_kept_once")
        ]
        indexes = [
            models.Index(fields=["id"], name="inbox_new", condition=models.Q(state="new")),
            models.Index(
                fields=["id"], name="inbox_quarantined", condition=models.Q(state="quarantined")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.pk}"
