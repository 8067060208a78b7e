"""What a deployment should not be: said by `manage.py check`, and no reason not to start."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning  # noqa: A004


def check_deployment(**_given: Any) -> list[CheckMessage]:
    """Return what makes this deployment worse than it need be."""
    found: list[CheckMessage] = []
    if settings.APP_SCHEME == "https" and not settings.TRUSTED_PROXIES:
        found.append(
            Warning(
                "TRUSTED_PROXIES is empty: behind a proxy all people have its address, and failed"
                " log-ins of one keep out the others. Name the proxy's addresses.",
                id="omnichat.W001",
            )
        )
    if settings.STATIC_ROOT and not any(Path(settings.STATIC_ROOT).glob("*")):
        found.append(
            Warning(
                "STATIC_ROOT holds no files, so that pages have neither style nor script. Run"
                " manage.py collectstatic.",
                id="omnichat.W002",
            )
        )
    return found
