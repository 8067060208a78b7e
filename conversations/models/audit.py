"""What happened, for ever: events that nobody can change, sealed into a chain."""

from django.db import models
from django.utils import timezone

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
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["-occurred_at", "-id"]),
            models.Index(fields=["transaction_id", "id"]),
            models.Index(fields=["issue_key"]),
            models.Index(fields=["subject_id"]),
            models.Index(fields=["address_hash"]),
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
