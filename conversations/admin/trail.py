"""What people do in the console, written to the audit log."""

from typing import Any

from django.http import HttpRequest

from conversations import audit
from conversations.models import Conversation


def record(
    request: HttpRequest,
    action: str,
    *,
    actor: str | None = None,
    subject: Any = None,
    conversation: Conversation | None = None,
    result: str = "",
    **detail: Any,
) -> None:
    """Record that whoever is logged in (or `actor`) did this, and from where.

    `detail` holds ids, states and harmless settings, the site's own texts among them: never a
    customer's text or number, or a secret.
    """
    audit.record(
        action,
        actor_kind=audit.Actor.ADMIN,
        actor=request.user.get_username() if actor is None else actor,
        subject=subject,
        conversation=conversation,
        result=result,
        source=request.META.get("REMOTE_ADDR", ""),
        **detail,
    )
