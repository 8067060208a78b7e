"""The address to which a site's provider brings everything: shown, and replaced with an overlap."""

from datetime import timedelta

from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from tenants.context import current_site
from tenants.models import InboundKey

OVERLAP = timedelta(days=7)  # time to enter the new address at the provider


def current_webhook_url() -> str:
    """Return the address to enter at the provider; "" when the site has none yet."""
    newest = _newest_key()
    return newest.webhook_url if newest else ""


def current_reports_url() -> str:
    """Return the address a single message's reports are asked for at; "" when there is none yet.

    The provider signs nothing it sends there, so that the address alone must prove where it was
    got from; in return nothing but reports is understood there.
    """
    newest = _newest_key()
    if newest is None:
        return ""
    return f"{newest.webhook_url}reports/{_signer().signature(newest.key)}/"


def is_reports_address(key: str, proof: str) -> bool:
    """Whether we have made the address for reports that ends in these two."""
    try:
        return _signer().unsign(f"{key}:{proof}") == key
    except BadSignature:
        return False


@transaction.atomic
def replace_webhook_url() -> None:
    """Issue a new address for the current site; those before it stop working after `OVERLAP`."""
    issued = InboundKey.objects.issue(current_site())
    _lasting_keys().exclude(pk=issued.pk).update(retires_at=timezone.now() + OVERLAP)


def _newest_key() -> InboundKey | None:
    return _lasting_keys().order_by("-pk").first()


def _signer() -> Signer:
    return Signer(salt="channels.reports")


def _lasting_keys() -> QuerySet[InboundKey]:
    return InboundKey.objects.filter(site=current_site(), retires_at=None)
