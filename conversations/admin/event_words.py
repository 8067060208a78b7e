"""What the audit log has of a conversation, in words: who did what."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy

from conversations.models import AuditEvent
from conversations.thread_rows import EVENTS

WHAT = {
    **EVENTS,
    "customer.joined": gettext_lazy("Two customers became one"),
    "customer.linked": gettext_lazy("Customer linked to a Jira account"),
    "file.asked-again": gettext_lazy("File asked for again"),
    "file.failed": gettext_lazy("File not fetched"),
    "file.refused": gettext_lazy("File refused"),
    "file.stored": gettext_lazy("File stored"),
    "inbox.dismissed": gettext_lazy("Quarantined entries dismissed"),
    "message.accepted": gettext_lazy("Message to the customer accepted for sending"),
    "message.delivered": gettext_lazy("Message delivered"),
    "message.failed": gettext_lazy("Message not delivered"),
    "message.reacted": gettext_lazy("Customer reacted to a message"),
    "message.read": gettext_lazy("Message read by the customer"),
    "message.received": gettext_lazy("Message from the customer received"),
    "message.resent": gettext_lazy("Message sent again"),
    "message.sent": gettext_lazy("Message sent"),
    "message.unconfirmed": gettext_lazy("Message not confirmed"),
    "number.revealed": gettext_lazy("Numbers revealed"),
    "outbox.dismissed": gettext_lazy("Failed tasks dismissed"),
    "request.hidden": gettext_lazy("Request hidden by Jira"),
    "request.opened": gettext_lazy("Request opened in Jira"),
    "request.status-changed": gettext_lazy("Status of the request changed"),
    "request.visible": gettext_lazy("Request visible in Jira again"),
    "transcript.kept": gettext_lazy("Transcript kept in the request"),
    "transcript.opened": gettext_lazy("Transcript opened in the console"),
}
ACTORS = {
    AuditEvent.Actor.CUSTOMER: gettext_lazy("Customer"),
    AuditEvent.Actor.AGENT: gettext_lazy("Agent"),
    AuditEvent.Actor.ADMIN: gettext_lazy("Admin"),
    AuditEvent.Actor.PROVIDER: gettext_lazy("Provider"),
    AuditEvent.Actor.JIRA: gettext_lazy("Jira"),
    AuditEvent.Actor.SYSTEM: gettext_lazy("OmniChat"),
}


def what(event: AuditEvent) -> str:
    """Return what happened; an action without words of its own as it is recorded."""
    words = str(WHAT.get(event.action, event.action))
    return words % {"channel": event.get_channel_display()} if "%(" in words else words


def who(event: AuditEvent, names: Mapping[str, str]) -> str:
    kind = ACTORS[AuditEvent.Actor(event.actor_kind)]
    return names.get(event.actor) or event.actor or str(kind)
