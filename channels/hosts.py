"""Where our requests to the provider may go: only to hosts that settings name."""

from urllib.parse import urlsplit

from django.conf import settings


def refused_address(url: str) -> str:
    """Say why no request may go to `url`; "" when it may.

    Over plain http only the sandbox is reached: the key must not travel in the clear.
    """
    try:
        parts = urlsplit(url)
        host = f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname or ""
    except ValueError:
        return "This is not an address."
    if parts.scheme != "https" and not (settings.SANDBOX and parts.scheme == "http"):
        return "The address must begin with https://."
    if parts.username or parts.password:
        return "The address must not hold a user name."
    allowed = any(
        host == name or (name.startswith(".") and host.endswith(name))
        for name in settings.INFOBIP_HOSTS
    )
    if not allowed:
        return "This is not a host of Infobip. Copy the base URL from Infobip's portal."
    return ""
