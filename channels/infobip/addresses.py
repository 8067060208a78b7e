"""Where Infobip reports to: the current site's own webhook."""

from tenants.context import current_site
from tenants.models import InboundKey


def webhook_url() -> str:
    """Return the address that takes every report of the current site, by its newest key.

    Raises InboundKey.DoesNotExist for a site without a key.
    """
    return InboundKey.objects.valid().filter(site=current_site()).latest("created_at").webhook_url
