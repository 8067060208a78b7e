"""Where our requests to the provider may go: only to hosts that settings name."""

import re

from django.conf import settings

# Nothing else: what reads as one host here must not read as another in the HTTP client.
ADDRESS = re.compile(r"(https?)://([a-z0-9.-]+(?::[0-9]{1,5})?)")


def refused_address(url: str) -> str:
    """Say why no request may go to `url`; "" when it may.

    Over plain http only the sandbox is reached: the key must not travel in the clear.
    """
    found = ADDRESS.fullmatch(url)
    if found is None:
        return "This is not an address like https://abc12.api.infobip.com."
    scheme, host = found.groups()
    if scheme != "https" and not settings.SANDBOX:
        return "The address must begin with https://."
    if not is_provider_host(host):
        return "This is not a host of Infobip. Copy the base URL from Infobip's portal."
    return ""


def is_provider_host(host: str) -> bool:
    """Whether a host, with its port if it has one, is one of those that settings name."""
    return any(
        host == name or (name.startswith(".") and host.endswith(name))
        for name in settings.INFOBIP_HOSTS
    )
