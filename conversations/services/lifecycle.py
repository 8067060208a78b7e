"""The life of a conversation: opened in Jira, paused, resumed, resolved, reopened, deleted."""

from django.db import transaction
from django.utils.translation import gettext as _

from conversations import audit
from conversations.contracts import Agent, RequestOpened
from conversations.errors import InvalidTransition
from conversations.models import AuditEvent, Conversation, Customer
from conversations.nudges import ring
from conversations.outbox import promise
from conversations.services.replies import locked_conversation

State = Conversation.State


@transaction.atomic
def attach_request(conversation_id: int, opened: RequestOpened) -> None:
    """Jira has the request of a conversation: it becomes active, unless it was paused meanwhile."""
    conversation = _locked(conversation_id)
    if conversation.issue_id:
        return
    conversation.issue_id = opened.issue_id
    conversation.issue_key = opened.issue_key
    if conversation.state == State.OPENING:
        conversation.move_to(State.ACTIVE)
    _save(conversation, "request.opened", actor_kind=audit.Actor.JIRA)


@transaction.atomic
def pause(agent: Agent) -> None:
    """The customer's next message shall open a new request."""
    conversation = locked_conversation(agent)
    _require_agent(agent)
    if conversation.state == State.PAUSED:
        return
    conversation.move_to(State.PAUSED, by=agent.account_id)
    _save(conversation, "conversation.paused", actor_kind=audit.Actor.AGENT, actor=agent.account_id)


@transaction.atomic
def resume(agent: Agent) -> None:
    """The customer's next message shall come to this request again.

    Raises InvalidTransition when another request holds the active conversation.
    """
    conversation = locked_conversation(agent)
    _require_agent(agent)
    if conversation.state == State.ACTIVE:
        return
    if conversation.state == State.ENDED:
        raise InvalidTransition(_("The request is resolved. Reopen it in Jira first."))
    if _other_active(conversation):
        raise InvalidTransition(
            _("The conversation is active in another request."), code="other-active"
        )
    conversation.move_to(State.ACTIVE, by=agent.account_id)
    _save(
        conversation, "conversation.resumed", actor_kind=audit.Actor.AGENT, actor=agent.account_id
    )


def take_status(issue_id: str, *, status: str, resolved: bool) -> bool:
    """The request of a conversation has this status in Jira; False when it is no request of ours.

    Resolved ends the conversation; any other status continues it as it was: active, if the customer
    has no other active one, else paused.
    """
    found = Conversation.objects.filter(issue_id=issue_id).first()
    if found is None:
        return False
    with transaction.atomic():
        conversation = _locked(found.pk)
        renamed = conversation.issue_status != status
        conversation.issue_status = status
        if resolved and conversation.state != State.ENDED:
            _end(conversation, Conversation.EndReason.RESOLVED)
        elif not resolved and conversation.end_reason == Conversation.EndReason.RESOLVED:
            _continue(conversation)
        elif renamed:
            _save(conversation, "request.status-changed", actor_kind=audit.Actor.JIRA)
    return True


def take_deletion(issue_id: str) -> bool:
    """The request of a conversation is gone from Jira; False when it was no request of ours."""
    found = Conversation.objects.filter(issue_id=issue_id).first()
    if found is None:
        return False
    with transaction.atomic():
        conversation = _locked(found.pk)
        if conversation.state != State.ENDED:
            _end(conversation, Conversation.EndReason.DELETED)
    return True


def _end(conversation: Conversation, reason: Conversation.EndReason) -> None:
    conversation.move_to(State.ENDED)
    conversation.end_reason = reason
    _save(conversation, f"conversation.{reason}", actor_kind=audit.Actor.JIRA)


def _continue(conversation: Conversation) -> None:
    was_paused = conversation.state_before_end == State.PAUSED
    conversation.move_to(
        State.PAUSED if was_paused or _other_active(conversation) else State.ACTIVE
    )
    conversation.end_reason = ""
    _save(conversation, "conversation.reopened", actor_kind=audit.Actor.JIRA)


def _other_active(conversation: Conversation) -> bool:
    others = Conversation.objects.active().filter(customer=conversation.customer_id)
    return others.exclude(pk=conversation.pk).exists()


def _require_agent(agent: Agent) -> None:
    if not agent.may_reply:
        raise InvalidTransition(
            _("You can read this conversation but not change it."), code="read-only"
        )


def _locked(conversation_id: int) -> Conversation:
    while True:
        customer_id = Conversation.objects.get(pk=conversation_id).customer_id
        Customer.objects.lock([customer_id])
        conversation = Conversation.objects.get(pk=conversation_id)
        if conversation.customer_id == customer_id:
            return conversation


def _save(
    conversation: Conversation, action: str, *, actor_kind: AuditEvent.Actor, actor: str = ""
) -> None:
    conversation.save(
        update_fields=[
            "issue_id",
            "issue_key",
            "issue_status",
            "state",
            "end_reason",
            "state_before_end",
            "state_changed_at",
            "state_changed_by",
        ]
    )
    version = conversation.raise_version()
    audit.record(
        action,
        actor_kind=actor_kind,
        actor=actor,
        subject=conversation,
        conversation=conversation,
        state=conversation.state,
        version=version,
    )
    if conversation.issue_id:
        promise("request.annotate", group=f"request:{conversation.pk}", subject=conversation.pk)
    ring(conversation.pk, version)
