"""Settings of which a site has one."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


class SendingSettingsManager(models.Manager["SendingSettings"]):
    def current(self) -> "SendingSettings":
        """Return the site's settings; the defaults while nobody has changed any."""
        return self.order_by("pk").first() or SendingSettings()


class SendingSettings(models.Model):
    """How messages are sent and what customers may say to stop them."""

    longest_sms = models.PositiveIntegerField(default=1000, help_text="Characters.")
    mark_read = models.BooleanField(
        default=True, help_text="Opening a conversation shows the customer that it was read."
    )
    show_typing = models.BooleanField(
        default=True, help_text="The customer sees on WhatsApp that an agent is writing."
    )
    sms_fallback = models.BooleanField(
        default=False, help_text="Offer to send a template by SMS where WhatsApp fails."
    )
    opt_out_words = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    opt_in_words = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    changed_at = models.DateTimeField(default=timezone.now)

    objects = SendingSettingsManager()

    class Meta:
        verbose_name = verbose_name_plural = gettext_lazy("sending settings")

    def __str__(self) -> str:
        return _("Sending settings")


class RetentionSettingsManager(models.Manager["RetentionSettings"]):
    def current(self) -> "RetentionSettings":
        """Return the site's settings; the defaults while nobody has changed any."""
        return self.order_by("pk").first() or RetentionSettings()


class RetentionSettings(models.Model):
    """How long what is kept; a site has one."""

    audit_days = models.PositiveIntegerField(default=1095, help_text="Events of the audit log.")
    conversation_days = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="Texts and files of ended conversations; empty: until a person is erased.",
    )
    raw_days = models.PositiveIntegerField(
        default=30, help_text="What came in as it came, once it is understood."
    )
    emptied_until = models.DateTimeField(
        null=True, blank=True, help_text="Conversations that ended before hold no texts any more."
    )
    changed_at = models.DateTimeField(default=timezone.now)

    objects = RetentionSettingsManager()

    class Meta:
        verbose_name = verbose_name_plural = gettext_lazy("retention")

    def __str__(self) -> str:
        return _("Retention")
