"""Telling a customer's other requests where their messages go now."""

from django.db.models import F

from conversations.models import Conversation
from conversations.nudges import ring


def ring_paused(customer_id: int, *, but: int | None = None) -> None:
    """Ring the panels of the customer's paused conversations: one begins or ends to be active.

    The caller holds the customer's lock.
    """
    paused = Conversation.objects.filter(customer=customer_id, state=Conversation.State.PAUSED)
    others = paused.exclude(pk=but or 0)
    if others.update(version=F("version") + 1):
        for pk, version in others.values_list("pk", "version"):
            ring(pk, version)
