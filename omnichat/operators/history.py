"""What happened to a site, or to operators, in words."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from conversations.moments import written
from tenants.models import SiteEvent

NEWEST = 100
WORDS: dict[str, str | Promise] = {
    "installed": gettext_lazy("Installed"),
    "reinstalled": gettext_lazy("Installed again"),
    "upgraded": gettext_lazy("Upgraded"),
    "uninstalled": gettext_lazy("Uninstalled"),
    "erased": gettext_lazy("Erased"),
    "licence changed": gettext_lazy("Licence changed"),
    "disconnected": gettext_lazy("Disconnected"),
    "reconnected": gettext_lazy("Connected again"),
    "not provisioned": gettext_lazy("Installation failed"),
    "suspended": gettext_lazy("Suspended"),
    "resumed": gettext_lazy("Resumed"),
    "provisioning asked for": gettext_lazy("Installation tried again"),
    "migration asked for": gettext_lazy("Migration asked for"),
    "migrated": gettext_lazy("Migrated"),
    "imported": gettext_lazy("Put in from an archive"),
    "not migrated": gettext_lazy("Migration failed"),
    "webhook address replaced": gettext_lazy("New webhook address"),
    "encryption asked for": gettext_lazy("New encryption asked for"),
    "secrets re-encrypted": gettext_lazy("Secrets encrypted anew"),
    "operator logged-in": gettext_lazy("Logged in"),
    "operator login-failed": gettext_lazy("Log-in refused"),
    "operator second-step-failed": gettext_lazy("Code refused"),
    "operator logged-out": gettext_lazy("Logged out"),
    "operator logged-out-everywhere": gettext_lazy("Logged out everywhere"),
    "operator session-ended": gettext_lazy("Session ended"),
    "operator password-changed": gettext_lazy("Password changed"),
    "operator password-set": gettext_lazy("Password set"),
    "operator authenticator-set": gettext_lazy("Authenticator set up"),
    "operator recovery-code-used": gettext_lazy("Recovery code used"),
    "operator recovery-codes-made": gettext_lazy("New recovery codes"),
    "operator invited": gettext_lazy("Invited"),
    "operator switched-off": gettext_lazy("Switched off"),
    "operator switched-on": gettext_lazy("Switched on"),
}


@dataclass(frozen=True)
class Line:
    """One event as it is shown."""

    at: datetime
    time: str
    what: str
    by: str
    reason: str
    rest: str


def of(cloud_id: str) -> list[Line]:
    """Return the newest events of a site, the last one first."""
    return [_line(event) for event in SiteEvent.objects.filter(cloud_id=cloud_id)[:NEWEST]]


def _line(event: SiteEvent) -> Line:
    detail = dict(event.detail)
    return Line(
        at=event.occurred_at,
        time=written(event.occurred_at),
        what=str(WORDS.get(event.action, event.action)),
        by=str(detail.pop("by", "")),
        reason=str(detail.pop("reason", "")),
        rest=", ".join(f"{name}: {value}" for name, value in detail.items()),
    )
