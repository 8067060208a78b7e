"""The life of a conversation: opened, paused, resumed, moved, resolved, reopened, deleted."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from conversations import audit
from conversations.contracts import Agent, RequestOpened
from conversations.errors import InvalidTransition, RequestTaken
from conversations.inbox import WAIT_FOR_ITS_SUBJECT
from conversations.models import AuditEvent, Conversation, Customer
from conversations.nudges import ring
from conversations.outbox import promise
from conversations.reach import holder_of, why_ended
from conversations.services import auto_replies
from conversations.services.known_requests import promise_property, promise_refresh
from conversations.services.late_messages import move_later_messages
from conversations.services.other_requests import ring_paused
from conversations.services.outgoing import locked_conversation
from tenants.context import current_site

State = Conversation.State


def attach_request(conversation_id: int, opened: RequestOpened) -> None:
    """Jira has the request of a conversation: it becomes active, unless it was paused meanwhile.

    Raises RequestTaken when another conversation has that request.
    """
    try:
        with transaction.atomic():
            _attach(conversation_id, opened)
    except IntegrityError as failure:
        raise RequestTaken(opened.issue_key) from failure


def _attach(conversation_id: int, opened: RequestOpened) -> None:
    conversation = _locked(conversation_id)
    if conversation.issue_id:
        return
    # The database knows it of live ones only, but of those that another transaction has, too.
    if Conversation.objects.filter(issue_id=opened.issue_id).exists():
        raise RequestTaken(opened.issue_key)
    conversation.issue_id = opened.issue_id
    conversation.issue_key = opened.issue_key
    if conversation.state == State.OPENING:
        conversation.move_to(State.ACTIVE)
    save_state(conversation, "request.opened", actor_kind=audit.Actor.JIRA)
    ring(conversation.pk, conversation.version, begun_on=conversation.issue_id)
    auto_replies.answer_opening(conversation)
    if timezone.now() - conversation.created_at > WAIT_FOR_ITS_SUBJECT:
        # The inbox has given up events that spoke of the request before we knew it.
        promise_refresh(conversation)


@transaction.atomic
def pause(agent: Agent) -> None:
    """The customer's next message shall open a new request."""
    conversation = _own(agent)
    if conversation.state != State.PAUSED:
        _pause(conversation, agent)


@transaction.atomic
def resume(agent: Agent) -> None:
    """The customer's next message shall come to this request again.

    Raises InvalidTransition when another request holds the active conversation.
    """
    conversation = _own(agent)
    if conversation.state == State.ACTIVE:
        return
    _require_channel(conversation)
    if holder_of(conversation):
        raise InvalidTransition(
            _("The conversation is active in another request."), code="other-active"
        )
    _resume(conversation, agent)


@transaction.atomic
def move_here(agent: Agent) -> None:
    """The same, whichever request holds the active conversation now: that one is paused.

    Raises InvalidTransition when that is a request whose agent this is not.
    """
    conversation = _own(agent)
    if conversation.state == State.ACTIVE:
        return
    _require_channel(conversation)
    holder = holder_of(conversation)
    if holder is not None:
        _require_agent_of(holder, agent)
        _pause(holder, agent)
    _resume(conversation, agent)


def take_status(
    issue_id: str,
    *,
    status: str,
    resolved: bool,
    at: datetime,
    resolved_at: datetime | None = None,
    issue_key: str = "",
) -> bool:
    """The request of a conversation has this status in Jira; False when it is no request of ours.

    `at` is Jira's time as of which this is known: older news than we have changes nothing. Resolved
    ends the conversation, and what the customer wrote after `resolved_at`, or else `at`, moves on.
    Any other status continues it as it was: active, if the customer has no other active one, else
    paused. `issue_key` is another one since the request was moved to another project.
    """
    found = Conversation.objects.filter(issue_id=issue_id).first()
    if found is None:
        return False
    with transaction.atomic():
        conversation = _locked(found.pk)
        if not _is_news(conversation, at):
            return True
        renamed = conversation.issue_status != status
        conversation.issue_status = status
        conversation.issue_status_at = at
        moved = bool(issue_key) and conversation.issue_key != issue_key
        conversation.issue_key = issue_key or conversation.issue_key
        if resolved and conversation.state != State.ENDED:
            _end(conversation, Conversation.EndReason.RESOLVED, since=resolved_at or at)
        elif not resolved and conversation.end_reason == Conversation.EndReason.RESOLVED:
            _continue(conversation)
        elif renamed or moved:
            save_state(conversation, "request.status-changed", actor_kind=audit.Actor.JIRA)
        else:
            conversation.save(update_fields=["issue_status_at"])
    return True


def take_deletion(issue_id: str, *, at: datetime) -> bool:
    """The request of a conversation is gone from Jira; False when it was no request of ours.

    Nothing that is said of the request afterwards changes anything.
    """
    found = Conversation.objects.filter(issue_id=issue_id).first()
    if found is None:
        return False
    with transaction.atomic():
        conversation = _locked(found.pk)
        if conversation.end_reason == Conversation.EndReason.DELETED:
            return True
        conversation.issue_status_at = at
        if conversation.state != State.ENDED:
            _end(conversation, Conversation.EndReason.DELETED, since=at)
        else:
            conversation.end_reason = Conversation.EndReason.DELETED
            save_state(conversation, "conversation.deleted", actor_kind=audit.Actor.JIRA)
    return True


def save_state(
    conversation: Conversation, action: str, *, actor_kind: AuditEvent.Actor, actor: str = ""
) -> None:
    """Keep what has changed of a conversation, record it and tell panels, Jira and other requests.

    The caller holds the customer's lock.
    """
    conversation.save(
        update_fields=[
            "issue_id",
            "issue_key",
            "issue_status",
            "issue_status_at",
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
        promise_property(conversation)
    ring(conversation.pk, version)
    ring_paused(conversation.customer_id, but=conversation.pk)


def _is_news(conversation: Conversation, at: datetime) -> bool:
    if conversation.end_reason == Conversation.EndReason.DELETED:
        return False
    known_at = conversation.issue_status_at
    return known_at is None or at >= known_at


def _end(conversation: Conversation, reason: Conversation.EndReason, *, since: datetime) -> None:
    conversation.move_to(State.ENDED)
    conversation.end_reason = reason
    save_state(conversation, f"conversation.{reason}", actor_kind=audit.Actor.JIRA)
    move_later_messages(conversation, since)
    if reason == Conversation.EndReason.RESOLVED:
        promise(
            "request.transcript", group=f"transcript:{conversation.pk}", subject=conversation.pk
        )


def _continue(conversation: Conversation) -> None:
    was_paused = conversation.state_before_end == State.PAUSED
    conversation.move_to(State.PAUSED if was_paused or holder_of(conversation) else State.ACTIVE)
    conversation.end_reason = ""
    save_state(conversation, "conversation.reopened", actor_kind=audit.Actor.JIRA)


def _own(agent: Agent) -> Conversation:
    """Lock the customer and return the conversation of the agent's request, if it may be moved."""
    conversation = locked_conversation(agent)
    if not agent.may_reply:
        raise InvalidTransition(
            _("You can read this conversation but not change it."), code="read-only"
        )
    if not current_site().licence_active:
        raise InvalidTransition(
            _("OmniChat is not active on this site. Ask your Jira admin to renew the licence."),
            code="unlicensed",
        )
    if conversation.state == State.ENDED:
        resolved = conversation.end_reason == Conversation.EndReason.RESOLVED
        words = _("The request is resolved. Reopen it in Jira first.")
        raise InvalidTransition(words if resolved else why_ended(conversation), code="ended")
    return conversation


def _require_channel(conversation: Conversation) -> None:
    if conversation.channels == []:
        raise InvalidTransition(_("Choose a channel first."), code="no-channel")


def _require_agent_of(holder: Conversation, agent: Agent) -> None:
    """Only who may pause the other request may take its conversation away."""
    if not holder.issue_id:
        raise InvalidTransition(
            _("A request is being opened for this customer. Try again in a moment."), code="opening"
        )
    if holder.issue_id != agent.other_issue_id:
        raise InvalidTransition(
            _("The customer's messages go to another request. Ask an agent of that one to pause."),
            code="other-active",
        )


def _pause(conversation: Conversation, agent: Agent) -> None:
    conversation.move_to(State.PAUSED, by=agent.account_id)
    save_state(
        conversation, "conversation.paused", actor_kind=audit.Actor.AGENT, actor=agent.account_id
    )


def _resume(conversation: Conversation, agent: Agent) -> None:
    conversation.move_to(State.ACTIVE, by=agent.account_id)
    save_state(
        conversation, "conversation.resumed", actor_kind=audit.Actor.AGENT, actor=agent.account_id
    )


def _locked(conversation_id: int) -> Conversation:
    while True:
        locked = Customer.objects.lock_owners(Conversation.objects.filter(pk=conversation_id))
        conversation = Conversation.objects.get(pk=conversation_id)
        if [conversation.customer_id] == [one.pk for one in locked]:
            return conversation
