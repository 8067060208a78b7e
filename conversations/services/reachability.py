"""Conversations of customers to whom an admin closes every way, or opens one again."""

from conversations import audit
from conversations.models import Conversation, Customer
from conversations.reach import holder_of
from conversations.services.known_requests import promise_refresh
from conversations.services.lifecycle import save_state

State = Conversation.State


def end_unreachable(customer: Customer, *, by: str, paused_too: bool = False) -> int:
    """End the active conversation of a customer whom an admin has closed every way to.

    Their messages go on opening requests. Returns how many conversations end; the caller holds the
    customer's lock.
    """
    conversations = customer.conversations.all()
    ending = list(conversations.live() if paused_too else conversations.active())
    for conversation in ending:
        conversation.move_to(State.ENDED, by=by)
        conversation.end_reason = Conversation.EndReason.OPTED_OUT
        save_state(conversation, "conversation.opted out", actor_kind=audit.Actor.ADMIN, actor=by)
    return len(ending)


def continue_reachable(customer: Customer, *, by: str) -> None:
    """Let the conversation go on that ended when a customer could not be written to any more.

    Paused, if it was or they have an active one. Jira is asked whether the request was resolved
    meanwhile. The caller holds the customer's lock.
    """
    ended = customer.conversations.filter(end_reason=Conversation.EndReason.OPTED_OUT).first()
    if ended is None:
        return
    of_request = Conversation.objects.live().filter(issue_id=ended.issue_id)
    if ended.issue_id and of_request.exists():
        return
    was_paused = ended.state_before_end == State.PAUSED
    ended.move_to(State.PAUSED if was_paused or holder_of(ended) else State.ACTIVE, by=by)
    ended.end_reason = ""
    save_state(ended, "conversation.resumed", actor_kind=audit.Actor.ADMIN, actor=by)
    if ended.issue_id:
        promise_refresh(ended)
