"""What agents have typed and not sent: kept per request and agent."""

from django.db.models import QuerySet
from django.utils import timezone

from conversations.contracts import Agent
from conversations.models import Draft
from conversations.sms_text import normalise

UNSTORABLE = {ord("\x00"): None}


def save_draft(agent: Agent, text: str, *, anew: bool = False) -> None:
    """Keep the text, or forget the draft when nothing is left of it.

    `anew`: the agent knows what colleagues have sent until now.
    """
    kept = normalise(text).translate(UNSTORABLE)
    if not kept.strip():
        _of(agent).delete()
        return
    now = timezone.now()
    Draft.objects.update_or_create(
        issue_id=agent.issue_id,
        account_id=agent.account_id,
        defaults={"text": kept, "saved_at": now} | ({"began_at": now} if anew else {}),
        create_defaults={"text": kept, "saved_at": now, "began_at": now},
    )


def draft_of(agent: Agent) -> str:
    """Return what the agent has typed for the request, or nothing."""
    return _of(agent).values_list("text", flat=True).first() or ""


def _of(agent: Agent) -> QuerySet[Draft]:
    return Draft.objects.filter(issue_id=agent.issue_id, account_id=agent.account_id)
