"""What a deployment must not be: checked by `manage.py check`, and when a process starts."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning  # noqa: A004
from django.core.exceptions import ImproperlyConfigured


def check_deployment(**_given: Any) -> list[CheckMessage]:
    """Return what keeps this deployment from being safe."""
    found: list[CheckMessage] = []
    if settings.PASSWORD_ALONE and not settings.SANDBOX:
        found.append(
            Error(
                "PASSWORD_ALONE lets users log in without a second step. It is for the sandbox"
                " alone: unset it.",
                id="omnichat.E001",
            )
        )
    if settings.SANDBOX and settings.APP_SCHEME == "https":
        found.append(
            Error(
                "SANDBOX trusts an outside world that is played on this machine, and APP_URL is a"
                " public one's (https): unset SANDBOX.",
                id="omnichat.E002",
            )
        )
    if settings.APP_SCHEME == "https" and not settings.TRUSTED_PROXIES:
        found.append(
            Warning(
                "TRUSTED_PROXIES is empty: behind a proxy all people have its address, and failed"
                " log-ins of one keep out the others. Name the proxy's addresses.",
                id="omnichat.W001",
            )
        )
    return found


def refuse_unsafe_deployment() -> None:
    """Raise ImproperlyConfigured when a check found an error. Called when a process starts."""
    errors = [found.msg for found in check_deployment() if isinstance(found, Error)]
    if errors:
        raise ImproperlyConfigured(" ".join(errors))
