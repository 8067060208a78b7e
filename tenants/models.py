"""The public schema: sites, how the world finds them, and which of them have work to do."""

import re
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django_tenants.models import DomainMixin, TenantMixin

from tenants.encryption import EncryptedTextField


class Site(TenantMixin):
    """One Jira site: one tenant, one schema."""

    class State(models.TextChoices):
        INSTALLING = "installing"
        ACTIVE = "active"
        SUSPENDED = "suspended"  # by an operator
        UNINSTALLED = "uninstalled"  # kept for a while in case it comes back, then erased

    auto_create_schema = False  # a schema is made by tenants.provisioning

    slug = models.SlugField(max_length=50, unique=True)
    cloud_id = models.CharField(max_length=64, unique=True)
    url = models.URLField(help_text="The Jira site, as its people type it.")
    state = models.CharField(max_length=20, choices=State, default=State.INSTALLING)
    region = models.CharField(max_length=10, blank=True, help_text="Of the host that Forge calls.")
    licence_active = models.BooleanField(default=True)
    licence_inactive_since = models.DateTimeField(null=True, blank=True)
    licence = models.JSONField(default=dict, blank=True, help_text="As Forge last said it.")
    disconnected_since = models.DateTimeField(null=True, blank=True)
    uninstalled_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[models.Manager["Site"]]

    def __str__(self) -> str:
        return self.slug

    @staticmethod
    def schema_name_for(cloud_id: str) -> str:
        """Return the schema of a site: named by its cloud id, since its name may change."""
        return f"site_{re.sub('[^a-z0-9]', '', cloud_id.lower())}"[:63]

    @property
    def host(self) -> str:
        """Where this site's console lives, with its port if it has one."""
        return f"{self.slug}.{settings.SITE_BASE_HOST}"

    @property
    def console_url(self) -> str:
        return f"{settings.APP_SCHEME}://{self.host}/admin/"

    @property
    def grace_ends_at(self) -> datetime | None:
        """Until when a site without a licence takes messages in; None with one."""
        if self.licence_active or self.licence_inactive_since is None:
            return None
        return self.licence_inactive_since + timedelta(days=settings.LICENCE_GRACE_DAYS)

    @property
    def erased_at(self) -> datetime | None:
        """When the site's data goes for good; None while the app is installed."""
        if self.uninstalled_at is None:
            return None
        return self.uninstalled_at + timedelta(days=settings.ERASE_AFTER_DAYS)


class Domain(DomainMixin):
    """A host name that leads to a site's console."""


class Installation(models.Model):
    """The app on a Jira site, as Forge names it; a reinstall is another one."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="installations")
    installation_id = models.CharField(max_length=255, unique=True)
    environment = models.CharField(max_length=20)
    app_version = models.CharField(max_length=50, blank=True)
    api_base_url = models.URLField()
    system_token = EncryptedTextField(blank=True)
    system_token_expires_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(default=timezone.now)
    heard_at = models.DateTimeField(default=timezone.now, help_text="Forge itself called, no page.")
    refused_at = models.DateTimeField(
        null=True, blank=True, help_text="Since when Jira refuses the app."
    )
    held_until = models.DateTimeField(
        null=True, blank=True, help_text="This site's quota of calls to Jira is used up till then."
    )
    events_known_until = models.DateTimeField(
        null=True, blank=True, help_text="Until when Jira was asked for changes without an event."
    )
    removed_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.installation_id

    def has_token(self, now: datetime) -> bool:
        """Whether the system token lasts for two minutes more."""
        ends = self.system_token_expires_at
        return ends is not None and ends > now + timedelta(minutes=2)

    def usable_token(self, now: datetime) -> str:
        """Return the system token, or "" when it ends within two minutes."""
        return self.system_token if self.has_token(now) else ""


class SiteEvent(models.Model):
    """What happened to a site, for operators; it outlives the site and holds nobody's words."""

    occurred_at = models.DateTimeField(default=timezone.now)
    slug = models.CharField(max_length=50)
    cloud_id = models.CharField(max_length=64, db_index=True)
    action = models.CharField(max_length=60)
    detail = models.JSONField(default=dict, blank=True)

    class Meta:
        default_permissions = ("view",)
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.slug} {self.action}"


class SiteFigures(models.Model):
    """How a site does, counted from time to time: operators look at all sites at once."""

    site = models.OneToOneField(Site, on_delete=models.CASCADE, related_name="figures")
    inbox_waiting = models.PositiveIntegerField(default=0)
    inbox_oldest_at = models.DateTimeField(null=True, blank=True)
    quarantined = models.PositiveIntegerField(default=0)
    outbox_waiting = models.PositiveIntegerField(default=0, help_text="Due, and not done yet.")
    outbox_oldest_at = models.DateTimeField(null=True, blank=True)
    outbox_dead = models.PositiveIntegerField(default=0)
    last_inbound_at = models.DateTimeField(null=True, blank=True)
    messages_in = models.PositiveIntegerField(default=0, help_text="In the last 24 hours.")
    messages_out = models.PositiveIntegerField(default=0, help_text="In the last 24 hours.")
    failed_sends = models.PositiveIntegerField(default=0, help_text="In the last 24 hours.")
    missing_migrations = models.PositiveIntegerField(default=0)
    problem = models.CharField(max_length=300, blank=True, help_text="Why it was not counted.")
    counted_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"Figures of {self.site}"


class AuditHead(models.Model):
    """Where a site's audit chain ended last, kept outside of the site's schema and signed.

    Seals that are missing at the end of a chain show here: what is left of it is a whole chain.
    """

    schema_name = models.CharField(max_length=63, primary_key=True)
    mac = models.CharField(max_length=64, help_text="Of the newest seal.")
    until_transaction = models.BigIntegerField(help_text="Of the newest seal.")
    sealed_at = models.DateTimeField()
    key_id = models.CharField(max_length=16)
    signature = models.CharField(max_length=64)

    def __str__(self) -> str:
        return self.schema_name


class CallQuota(models.Model):
    """Calls that all sites share: what Jira counts for the whole app in an hour, one row."""

    name = models.CharField(max_length=20, primary_key=True)
    hour = models.DateTimeField(help_text="Of which the points are counted.")
    points = models.PositiveIntegerField(default=0)
    held_until = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class InboundKeyQuerySet(models.QuerySet["InboundKey"]):
    def valid(self) -> "InboundKeyQuerySet":
        return self.filter(Q(retires_at=None) | Q(retires_at__gt=timezone.now()))

    def issue(self, site: Site) -> "InboundKey":
        """Make a new key for `site`; the ones before it stay valid until they retire."""
        key = token_urlsafe(32)
        return self.create(site=site, digest=digest_of(key), key=key)


class InboundKey(models.Model):
    """The secret in a site's webhook address; two are valid while one replaces the other."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="inbound_keys")
    digest = models.CharField(max_length=64, unique=True)
    key = EncryptedTextField()
    created_at = models.DateTimeField(default=timezone.now)
    retires_at = models.DateTimeField(null=True, blank=True)

    objects = InboundKeyQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.site} {self.created_at:%Y-%m-%d}"

    @property
    def webhook_url(self) -> str:
        return f"{settings.APP_URL}/hooks/infobip/{self.key}/"


class PendingWork(models.Model):
    """A site that may have something due; written only by `tenants.pending_work`."""

    schema_name = models.CharField(max_length=63, primary_key=True)
    revision = models.BigIntegerField(default=0)
    due_at = models.DateTimeField(db_index=True)
    marked_until = models.DateTimeField()

    def __str__(self) -> str:
        return self.schema_name


class Pulse(models.Model):
    """That a process was alive a moment ago, and since when it is; written by `tenants.pulses`."""

    name = models.CharField(max_length=100, primary_key=True, help_text="Kind, machine, process.")
    kind = models.CharField(max_length=20)
    since = models.DateTimeField(db_default=Now())
    beaten_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.name


def digest_of(key: str) -> str:
    """Return what an inbound key is found by: the hexadecimal SHA-256 of it."""
    return sha256(key.encode(errors="replace")).hexdigest()
