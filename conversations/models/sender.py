"""A sender: one of the company's own numbers on one channel."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy

from conversations.contracts import Channel
from conversations.phone_numbers import identify, variants


class SenderQuerySet(models.QuerySet["Sender"]):
    def working(self) -> "SenderQuerySet":
        return self.filter(enabled=True)

    def able(self) -> "SenderQuerySet":
        """All but those of which the provider has said that they cannot send.

        A word that we do not know stops nobody, and a number by which SMS are sent need not be
        listed: the provider itself refuses what it does not take.
        """
        unlisted = models.Q(channel=Channel.WHATSAPP, provider_state=Sender.NOT_IN_ACCOUNT)
        return self.working().exclude(unlisted).exclude(provider_state__in=Sender.UNABLE)

    def known_as(self, *numbers: str) -> "SenderQuerySet":
        """Those that somebody means by one of these, with or without plus and blanks."""
        return self.filter(number__in={way for number in numbers for way in _ways(number)})


class Sender(models.Model):
    """Ours; the customer's is an address."""

    # What `provider_state` says of every channel; other words are the channel's own.
    CONNECTED = "connected"
    NOT_IN_ACCOUNT = "not-in-account"
    UNABLE = ("banned", "deleted", "disconnected", "migrated")  # of WhatsApp's

    channel = models.CharField(max_length=10, choices=Channel)
    number = models.CharField(
        max_length=24, help_text="As the provider has it: digits with country code, or a name."
    )
    label = models.CharField(max_length=100, blank=True)
    enabled = models.BooleanField(default=True)
    messages_per_second = models.PositiveIntegerField(
        null=True, blank=True, help_text="Parts, for SMS; empty for the channel's own pace."
    )
    quality = models.CharField(max_length=20, blank=True, help_text="As the provider rates it.")
    provider_state = models.CharField(max_length=40, blank=True)
    daily_limit = models.CharField(max_length=40, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    heard_at = models.DateTimeField(null=True, blank=True, help_text="The last message came in.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = SenderQuerySet.as_manager()

    class Meta:
        ordering = ["channel", "number"]
        verbose_name = gettext_lazy("sender")
        verbose_name_plural = gettext_lazy("senders")
        constraints = [
            models.UniqueConstraint(fields=["channel", "number"], name="one_sender_per_number")
        ]

    def __str__(self) -> str:
        return f"{self.number} ({self.get_channel_display()})"

    @property
    def is_fit(self) -> bool:
        """Whether the provider, as far as it was asked, lets this sender send."""
        return self.provider_state in ("", self.CONNECTED)

    def is_known_as(self, number: str) -> bool:
        return self.number in _ways(number)


def _ways(number: str) -> set[str]:
    """Return the ways in which we may have written a number; none for an empty one."""
    written = identify(number).address
    return {number.strip(), written, *variants(written)} - {""}
