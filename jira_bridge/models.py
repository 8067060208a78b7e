"""What Jira needs to know to open a request for a site."""

from django.db import models


class RequestDefaultsQuerySet(models.QuerySet["RequestDefaults"]):
    def current(self) -> "RequestDefaults | None":
        return self.order_by("pk").first()


class RequestDefaults(models.Model):
    """Where a customer's first message opens a request, and how it is called: one row a site."""

    service_desk_id = models.CharField("service desk", max_length=40)
    request_type_id = models.CharField("request type", max_length=40)
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

    objects = RequestDefaultsQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "request defaults"

    def __str__(self) -> str:
        return "Request defaults"

    def summary(self, *, channel: str, number: str) -> str:
        """Return a request's summary; braces of other names stay as they are."""
        return self.summary_pattern.replace("{channel}", channel).replace("{number}", number)
