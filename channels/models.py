"""A site's access to its provider."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from channels.hosts import refused_address
from tenants.encryption import EncryptedTextField


class ProviderAccountQuerySet(models.QuerySet["ProviderAccount"]):
    def connected(self) -> "ProviderAccount | None":
        """Return the site's account, if it has a key."""
        return self.exclude(api_key="").first()


class ProviderAccount(models.Model):
    """The site's Infobip account: one row. The key is written and never shown."""

    base_url = models.CharField(
        max_length=255,
        help_text="As Infobip shows it on its portal's home page, like abc12.api.infobip.com.",
    )
    api_key = EncryptedTextField(blank=True)
    key_set_at = models.DateTimeField(null=True, blank=True)
    key_set_by = models.CharField(max_length=150, blank=True)
    changed_at = models.DateTimeField(default=timezone.now)

    objects = ProviderAccountQuerySet.as_manager()

    def __str__(self) -> str:
        return "Provider account"

    def clean(self) -> None:
        self.base_url = normal_base_url(self.base_url)
        refused = refused_address(self.base_url)
        if refused:
            raise ValidationError({"base_url": refused})


def normal_base_url(typed: str) -> str:
    """Return the address with scheme and without trailing slash, as our client uses it."""
    address = typed.strip().rstrip("/").lower()
    return address if "://" in address else f"https://{address}"
