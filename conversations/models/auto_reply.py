"""What a customer is told by itself when they begin a conversation, and the hours of work."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations.contracts import AutoReplyOccasion, Channel
from conversations.spoken_languages import name_of


class AutoReplySettingsManager(models.Manager["AutoReplySettings"]):
    def current(self) -> "AutoReplySettings":
        """Return the site's settings; the defaults while nobody has changed any."""
        return self.order_by("pk").first() or AutoReplySettings()


class AutoReplySettings(models.Model):
    """Whether and when; a site has one."""

    enabled = models.BooleanField(default=False)
    language = models.CharField(
        max_length=20, default="en", help_text="Where no text is in the customer's own language."
    )
    closed_enabled = models.BooleanField(
        default=False, help_text="Another text outside business hours."
    )
    hours_between = models.PositiveSmallIntegerField(
        default=24, help_text="Outside business hours a customer gets one text in so many hours."
    )
    time_zone = models.CharField(max_length=64, default="UTC", help_text="Of the business hours.")
    changed_at = models.DateTimeField(default=timezone.now)

    objects = AutoReplySettingsManager()

    class Meta:
        verbose_name = verbose_name_plural = gettext_lazy("auto-reply")

    def __str__(self) -> str:
        return _("Auto-reply")


class AutoReplyText(models.Model):
    """What is sent: one text for each occasion, channel and language."""

    settings = models.ForeignKey(AutoReplySettings, on_delete=models.CASCADE, related_name="texts")
    occasion = models.CharField(max_length=10, choices=AutoReplyOccasion)
    channel = models.CharField(max_length=10, choices=Channel)
    language = models.CharField(max_length=20)
    text = models.TextField()

    class Meta:
        ordering = ["occasion", "channel", "language"]
        constraints = [
            models.UniqueConstraint(
                fields=["settings", "occasion", "channel", "language"],
                name="one_auto_reply_text_of_a_language",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()}, {name_of(self.language)}"


class OpeningHours(models.Model):
    """From when to when on a day of the week; a day may have several, or none."""

    settings = models.ForeignKey(AutoReplySettings, on_delete=models.CASCADE, related_name="hours")
    weekday = models.PositiveSmallIntegerField(help_text="0 for Monday.")
    opens_at = models.TimeField()
    closes_at = models.TimeField(help_text="00:00 is the end of the day.")

    class Meta:
        ordering = ["weekday", "opens_at"]
        verbose_name_plural = "opening hours"
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("opens_at")) | Q(closes_at="00:00"),
                name="opens_before_it_closes",
            ),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="a_week_has_seven_days"),
        ]

    def __str__(self) -> str:
        return f"{self.opens_at:%H:%M} to {self.closes_at:%H:%M}"


class Holiday(models.Model):
    """A day without business hours."""

    settings = models.ForeignKey(
        AutoReplySettings, on_delete=models.CASCADE, related_name="holidays"
    )
    day = models.DateField()
    name = models.CharField(max_length=100, blank=True)

    class Meta:
        ordering = ["day"]
        constraints = [
            models.UniqueConstraint(fields=["settings", "day"], name="one_holiday_on_a_day")
        ]

    def __str__(self) -> str:
        return self.name or f"{self.day:%d.%m.%Y}"
