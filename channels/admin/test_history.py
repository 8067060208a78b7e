"""The last tests of the provider's key, in words: what is known now, and what people saw before."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from channels.models import ProviderAccount
from channels.senders import WORKS, told
from conversations.admin.people import called
from conversations.models import AuditEvent

SHOWN = 5
SAME = timedelta(seconds=10)  # a test is recorded right after its result


@dataclass(frozen=True)
class TestShown:
    at: datetime
    works: bool
    text: str
    who: str = ""


def test_history(account: ProviderAccount) -> list[TestShown]:
    """Return the last results, the newest first; the newest may be of our own hourly look."""
    events = AuditEvent.objects.filter(
        action="provider.tested",
        subject_type=account._meta.model_name,
        subject_id=str(account.pk),
    ).order_by("-occurred_at")
    shown = [
        TestShown(
            event.occurred_at,
            event.result == WORKS,
            told({**event.detail, "outcome": event.result}),
            called(event.actor),
        )
        for event in events[:SHOWN]
    ]
    now = account.tested_at
    if now is not None and not (shown and abs(shown[0].at - now) < SAME):
        result = account.test_result
        shown.insert(0, TestShown(now, result.get("outcome") == WORKS, told(result)))
    return shown[:SHOWN]
