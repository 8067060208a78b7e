"""The address to which a site's provider brings everything: shown, and replaced with an overlap."""

from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from tenants.context import current_site
from tenants.models import InboundKey

OVERLAP = timedelta(days=7)  # time to enter the new address at the provider


def current_webhook_url() -> str:
    """Return the address to enter at the provider; "" when the site has none yet."""
    newest = _lasting_keys().order_by("-pk").first()
    return newest.webhook_url if newest else ""


@transaction.atomic
def replace_webhook_url() -> None:
    """Issue a new address for the current site; those before it stop working after `OVERLAP`."""
    issued = InboundKey.objects.issue(current_site())
    _lasting_keys().exclude(pk=issued.pk).update(retires_at=timezone.now() + OVERLAP)


def _lasting_keys() -> QuerySet[InboundKey]:
    return InboundKey.objects.filter(site=current_site(), retires_at=None)
