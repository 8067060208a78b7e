"""Up to where each agent has read a request's thread, and the line above what they have not."""

from dataclasses import dataclass

from django.db.models import Count, Max, Min, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from conversations.contracts import Agent
from conversations.models import Conversation, Message, ReadMark
from conversations.thread_rows import order_of


@dataclass(frozen=True)
class UnreadLine:
    """How many messages of the customer's are new, and the place before the first of them."""

    count: int
    order: str


def unread_line(agent: Agent, conversation: Conversation) -> UnreadLine | None:
    """Return the line, or nothing when all is read, or all is new: there it would part nothing.

    Who has never read here knows what was there when one of us last wrote.
    """
    ours = conversation.messages.filter(direction=Message.Direction.OUT).exclude(author="")
    newest = ours.values("conversation").annotate(newest=Max("pk")).values("newest")
    mark = Coalesce(Subquery(_of(agent).values("message_id")), Subquery(newest))
    unread = conversation.messages.from_customer().filter(pk__gt=mark)
    found = unread.aggregate(count=Count("pk"), first=Min("occurred_at"))
    if not found["count"]:
        return None
    if not conversation.messages.filter(occurred_at__lt=found["first"]).exists():
        return None
    return UnreadLine(found["count"], order_of(found["first"], 0))


def mark_read(agent: Agent, message_id: int) -> None:
    """The agent has read the thread up to a message; the mark never goes back."""
    there = Message.objects.filter(pk=message_id, conversation__issue_id=agent.issue_id)
    if not there.exists():
        return
    read = {"message_id": message_id, "read_at": timezone.now()}
    before = _of(agent).filter(message_id__lt=message_id)
    if before.update(**read):
        return
    mark = ReadMark(issue_id=agent.issue_id, account_id=agent.account_id, **read)
    ReadMark.objects.bulk_create([mark], ignore_conflicts=True)
    before.update(**read)  # another panel of theirs may have made it just now


def _of(agent: Agent) -> QuerySet[ReadMark]:
    return ReadMark.objects.filter(issue_id=agent.issue_id, account_id=agent.account_id)
