"""What happened, for ever: events that nobody can change, sealed into a chain."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy

from conversations.contracts import Channel


class CurrentTransaction(models.Func):
    """The id of the transaction that is running, as a number."""

    template = "pg_current_xact_id()::text::bigint"
    output_field = models.BigIntegerField()


class AuditEvent(models.Model):
    """Who, what, on what, when: ids and keyed hashes only, so that erasing a person changes none.

    A trigger refuses UPDATE, DELETE and TRUNCATE outside the retention service.
    """

    class Actor(models.TextChoices):
        CUSTOMER = "customer"
        AGENT = "agent"
        ADMIN = "admin"
        PROVIDER = "provider"
        JIRA = "jira"
        SYSTEM = "system"

    occurred_at = models.DateTimeField(default=timezone.now)
    transaction_id = models.BigIntegerField(db_default=CurrentTransaction())
    actor_kind = models.CharField(max_length=10, choices=Actor)
    actor = models.CharField(max_length=150, blank=True)
    action = models.CharField(max_length=60)
    subject_type = models.CharField(max_length=40, blank=True)
    subject_id = models.CharField(max_length=64, blank=True)
    issue_key = models.CharField(max_length=64, blank=True)
    channel = models.CharField(max_length=10, choices=Channel, blank=True)
    address_hash = models.CharField(max_length=64, blank=True)
    result = models.CharField(max_length=20, blank=True)
    detail = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name = gettext_lazy("event")
        verbose_name_plural = gettext_lazy("audit log")
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["-occurred_at", "-id"]),
            models.Index(fields=["transaction_id", "id"]),
            models.Index(fields=["issue_key"]),
            models.Index(fields=["subject_id"]),
            models.Index(fields=["address_hash"]),
            # For the filters of the audit log, each in the order in which it is read.
            models.Index(fields=["action", "-occurred_at", "-id"], name="audit_by_action"),
            models.Index(fields=["subject_type", "-occurred_at", "-id"], name="audit_by_subject"),
            models.Index(fields=["actor_kind", "-occurred_at", "-id"], name="audit_by_kind"),
            models.Index(fields=["channel", "-occurred_at", "-id"], name="audit_by_channel"),
            models.Index(
                fields=["actor", "-occurred_at", "-id"],
                name="audit_by_actor",
                condition=~models.Q(actor=""),
            ),
            models.Index(
                fields=["result", "-occurred_at", "-id"],
                name="audit_by_result",
                condition=~models.Q(result=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.subject_id}"


class AuditSeal(models.Model):
    """An HMAC over the events of finished transactions and over the seal before it."""

    since_transaction = models.BigIntegerField()
    until_transaction = models.BigIntegerField(help_text="Not sealed itself.")
    events = models.PositiveIntegerField()
    key_id = models.CharField(max_length=16)
    previous_mac = models.CharField(max_length=64, blank=True)
    mac = models.CharField(max_length=64)
    sealed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["previous_mac"], name="audit_chain_does_not_fork")
        ]

    def __str__(self) -> str:
        return f"Seal {self.pk}"


class AuditRemoval(models.Model):
    """What retention has removed from the front of the log, and where the chain goes on from.

    Sealed itself, so that nobody can pass off a removal of their own as retention's.
    """

    until_transaction = models.BigIntegerField(help_text="Not removed itself.")
    last_mac = models.CharField(max_length=64, help_text="Of the last seal that was removed.")
    events = models.PositiveBigIntegerField(help_text="Removed by this and all before it.")
    oldest_at = models.DateTimeField()
    newest_at = models.DateTimeField()
    removed_at = models.DateTimeField(default=timezone.now)
    key_id = models.CharField(max_length=16)
    mac = models.CharField(max_length=64)

    class Meta:
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"Removal {self.pk}"


class AuditClock(models.Model):
    """How far the transactions of this site's events run ahead of the database's; often no row.

    A site that came from a database that had counted further goes on where it was: events would
    else fall among what is sealed. The default of the events' column says the same
    (omnichat.archives.clock).
    """

    ahead = models.PositiveBigIntegerField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.ahead} ahead"


class ChainCheck(models.Model):
    """One check of the whole chain: who asked, and what came out."""

    begun_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    asked_by = models.CharField(max_length=150, blank=True, help_text="Empty: the daily check.")
    seals = models.PositiveBigIntegerField(default=0)
    events = models.PositiveBigIntegerField(default=0)
    broken_seal = models.BigIntegerField(null=True, blank=True, help_text="The first that differs.")
    broken_from = models.DateTimeField(null=True, blank=True)
    broken_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ("view",)
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"Check {self.pk}"
