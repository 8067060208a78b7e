"""What a site's admin should know about the provider: on top of the console's overview."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from channels.models import ProviderAccount
from conversations.admin.notices import Notice


def current() -> Iterator[Notice]:
    """Yield what is the matter with the current site's provider."""
    yield from _account()


def _account() -> Iterator[Notice]:
    if ProviderAccount.objects.connected() is None:
        yield Notice(
            "error",
            _("No provider account is connected"),
            _("Nothing can be sent. Enter the base URL and the API key of your Infobip account."),
            reverse("admin:channels_provideraccount_changelist"),
        )
