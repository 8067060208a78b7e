"""A site's access to its provider."""

from uuid import uuid4

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels.hosts import refused_address
from conversations.models import Sender
from tenants.encryption import EncryptedTextField

DEFAULT_SIGNATURE_HEADER = "X-Hub-Signature"


class ProviderAccountQuerySet(models.QuerySet["ProviderAccount"]):
    def connected(self) -> "ProviderAccount | None":
        """Return the site's account, if it has a key."""
        return self.exclude(api_key="").first()


class ProviderAccount(models.Model):
    """The site's Infobip account: one row. The key is written and never shown."""

    base_url = models.CharField(
        max_length=255,
        help_text=gettext_lazy(
            "As Infobip shows it on its portal's home page, like abc12.api.infobip.com."
        ),
    )
    api_key = EncryptedTextField(blank=True)
    key_set_at = models.DateTimeField(null=True, blank=True)
    key_set_by = models.CharField(max_length=150, blank=True)
    changed_at = models.DateTimeField(default=timezone.now)
    signature_header = models.CharField(max_length=100, default=DEFAULT_SIGNATURE_HEADER)
    test_result = models.JSONField(default=dict, blank=True, help_text="Of the last test.")
    tested_at = models.DateTimeField(null=True, blank=True)
    subscriptions = models.JSONField(default=dict, blank=True, help_text="By channel, as made.")
    subscribed_at = models.DateTimeField(null=True, blank=True)
    heard_at = models.DateTimeField(null=True, blank=True, help_text="The webhook was last called.")
    pulls_inbox = models.BooleanField(
        default=True,
        help_text=gettext_lazy(
            "After an outage, fetch messages that the webhook has missed. Switch it off where other"
            " systems empty this account's inbox: what is fetched here is not handed to them."
        ),
    )
    watched_at = models.DateTimeField(
        null=True, blank=True, help_text="Our own workers last looked: a gap is an outage of ours."
    )

    objects = ProviderAccountQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = gettext_lazy("provider account")

    def __str__(self) -> str:
        return _("Provider account")

    def clean(self) -> None:
        self.base_url = normal_base_url(self.base_url)
        refused = refused_address(self.base_url)
        if refused:
            raise ValidationError({"base_url": refused})


def normal_base_url(typed: str) -> str:
    """Return the address with scheme and without trailing slash, as our client uses it."""
    address = typed.strip().rstrip("/").lower()
    return address if "://" in address else f"https://{address}"


class WebhookSecretQuerySet(models.QuerySet["WebhookSecret"]):
    def valid(self) -> "WebhookSecretQuerySet":
        return self.filter(Q(retires_at=None) | Q(retires_at__gt=timezone.now()))


class WebhookSecret(models.Model):
    """What the provider proves itself with, beside the key in the address; two while rotating."""

    class Kind(models.TextChoices):
        HMAC = "hmac", "HMAC"
        BASIC = "basic", "Basic"

    kind = models.CharField(max_length=5, choices=Kind)
    username = models.CharField(max_length=100, blank=True)
    secret = EncryptedTextField()
    created_at = models.DateTimeField(default=timezone.now)
    retires_at = models.DateTimeField(null=True, blank=True)

    objects = WebhookSecretQuerySet.as_manager()

    def __str__(self) -> str:
        return f"Webhook secret {self.pk}"


class WebhookRefusal(models.Model):
    """How often a request to the webhook was refused on a day, and why."""

    day = models.DateField()
    reason = models.CharField(max_length=40)
    count = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-day", "reason"]
        constraints = [
            models.UniqueConstraint(fields=["day", "reason"], name="one_refusal_row_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.reason}"


class Pace(models.Model):
    """When the next message may leave: of a sender, of a pair with one customer, of a route."""

    key = models.CharField(max_length=200, unique=True)
    free_at = models.DateTimeField(default=timezone.now)
    slow_until = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.key


class WayTest(models.Model):
    """A test message: the way there by its report, the way back by the answer with its code."""

    sender = models.ForeignKey(Sender, on_delete=models.CASCADE, related_name="+")
    address = models.CharField(max_length=160)
    code = models.CharField(max_length=12)
    message_id = models.UUIDField(unique=True, default=uuid4)
    provider_id = models.CharField(max_length=512, blank=True, db_index=True)
    begun_at = models.DateTimeField(default=timezone.now)
    begun_by = models.CharField(max_length=150, blank=True)
    taken_at = models.DateTimeField(null=True, blank=True, help_text="By the provider.")
    refused = models.CharField(max_length=500, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"Test {self.pk}"


class Reconciliation(models.Model):
    """One asking of the provider for what we may have missed, and what it found."""

    class Cause(models.TextChoices):
        OUTAGE = "outage"
        ADMIN = "admin"
        SCHEDULE = "schedule"

    cause = models.CharField(max_length=10, choices=Cause)
    since = models.DateTimeField()
    until = models.DateTimeField(default=timezone.now)
    asked_by = models.CharField(max_length=150, blank=True)
    begun_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    messages = models.PositiveIntegerField(default=0, help_text="New to us.")
    reports = models.PositiveIntegerField(default=0, help_text="New to us.")
    problem = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name = gettext_lazy("look for missed messages")
        verbose_name_plural = gettext_lazy("missed messages")

    def __str__(self) -> str:
        return f"Reconciliation {self.pk}"
