"""What Jira needs to know for a site, and what we keep of what Jira has told."""

from datetime import datetime

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations.models import Sender


class RequestTarget(models.Model):
    """Where requests are opened, as what, and what the type's other required fields get."""

    service_desk_id = models.CharField("service desk", max_length=40)
    request_type_id = models.CharField("request type", max_length=40)
    field_values = models.JSONField(
        default=dict, blank=True, help_text="By field id, as Jira takes them in a new request."
    )
    problem = models.CharField(
        max_length=500, blank=True, help_text="Why Jira would refuse a request like this."
    )
    checked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True


class RequestDefaultsQuerySet(models.QuerySet["RequestDefaults"]):
    def current(self) -> "RequestDefaults | None":
        return self.order_by("pk").first()


class RequestDefaults(RequestTarget):
    """Where a customer's first message opens a request, and how it is called: one row a site."""

    class Transcript(models.TextChoices):
        OFF = "off", gettext_lazy("Not kept in Jira")
        COMMENT = "comment", gettext_lazy("An internal comment")
        FILE = "file", gettext_lazy("A file attached to the request")

    summary_pattern = models.CharField(
        max_length=200,
        default="{channel} request from {number}",
        help_text="{channel} and {number} are filled in.",
    )
    mask_number = models.BooleanField(
        default=False, help_text="Hide the middle of the customer's number in the summary."
    )
    show_number_in_property = models.BooleanField(
        default=False,
        help_text="Let everyone who sees the request find it by the customer's number.",
    )
    create_customers = models.BooleanField(
        default=True,
        help_text="Make a Jira customer of somebody who writes for the first time, where possible.",
    )
    customers_refused_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Jira did not let the app make a customer."
    )
    attach_files = models.BooleanField(
        default=True, help_text="Attach the files of messages to the request in Jira too."
    )
    transcript = models.CharField(
        max_length=10,
        choices=Transcript,
        default=Transcript.OFF,
        help_text="What becomes of the conversation in Jira when the request is resolved.",
    )

    objects = RequestDefaultsQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = gettext_lazy("request defaults")

    def __str__(self) -> str:
        return _("Request defaults")

    def summary(self, *, channel: str, number: str) -> str:
        """Return a request's summary; braces of other names stay as they are."""
        return self.summary_pattern.replace("{channel}", channel).replace("{number}", number)


class SenderRule(RequestTarget):
    """Customers who write to this sender get their requests elsewhere than the defaults say."""

    sender = models.OneToOneField(Sender, on_delete=models.CASCADE, related_name="request_rule")

    class Meta:
        verbose_name = gettext_lazy("rule")
        verbose_name_plural = gettext_lazy("rules by sender")

    def __str__(self) -> str:
        return _("Requests from %(sender)s") % {"sender": self.sender}


class CatalogueEntry(models.Model):
    """A list that Jira gave us, kept so that it need not be asked again: desks, types, fields."""

    name = models.CharField(max_length=120, primary_key=True)
    content = models.JSONField()
    fetched_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "catalogue entries"

    def __str__(self) -> str:
        return self.name


class ConsoleLinkQuerySet(models.QuerySet["ConsoleLink"]):
    def redeem(self, digest: str, now: datetime) -> "ConsoleLink | None":
        """Use a link up and return it; None when it is unknown, too old or used already."""
        usable = self.filter(digest=digest, used_at=None, expires_at__gt=now)
        return self.get(digest=digest) if usable.update(used_at=now) else None


class ConsoleLink(models.Model):
    """A way into the console for one person: once, within a minute, found by its digest."""

    digest = models.CharField(max_length=64, unique=True)
    account_id = models.CharField(max_length=128)
    name = models.CharField(max_length=200, blank=True)
    administers = models.BooleanField(
        default=True, db_default=True, help_text="As Jira said when it was made."
    )
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    objects = ConsoleLinkQuerySet.as_manager()

    def __str__(self) -> str:
        return self.account_id
