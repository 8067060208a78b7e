"""The side panel of a request: its state, the form for channels and numbers, and who it is."""

from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Any

from django.utils.translation import gettext as _

from conversations.contracts import Agent
from conversations.models import Conversation
from conversations.panel.side_forms import Numbers, channels_of, numbers_shown
from conversations.reach import holder_of, known_holder, why_ended
from conversations.state_words import state_in_words
from tenants.context import current_site

PARTS = ("top", "form", "account")


class SideState(StrEnum):
    """`#side[data-state]`."""

    NO_PHONE = "no-phone"
    ENDED = "ended"
    OTHER_ACTIVE = "other-active"
    PAUSED = "paused"
    ACTIVE = "active"


@dataclass(frozen=True)
class Top:
    lozenge: str
    lozenge_kind: str = "off"
    channels: str = ""
    note: str = ""


@dataclass(frozen=True)
class Account:
    """The Jira customer of the conversation; without a conversation there is nobody to link."""

    shown: bool = False
    name: str = ""
    linked: bool = False
    may_change: bool = False


@dataclass(frozen=True)
class Side:
    state: SideState
    top: Top
    form: Numbers
    account: Account

    @property
    def fingerprints(self) -> list[str]:
        """Short marks of the parts: equal when the part looks the same."""
        parts = (getattr(self, name) for name in PARTS)
        return [sha256(repr(part).encode()).hexdigest()[:12] for part in parts]

    def changed_since(self, seen: list[str], *, holding: bool) -> tuple[dict[str, Any], list[str]]:
        """Return the parts that look other than what was seen, and the marks of what is seen then.

        While an agent holds changes of their own, the form stays as it is on their screen.
        """
        known = [*seen, "", "", ""][: len(PARTS)]
        fresh = self.fingerprints
        if holding and known[1].isalnum():
            fresh[1] = known[1]
        marked = zip(PARTS, fresh, known, strict=True)
        return {name: getattr(self, name) for name, mark, had in marked if mark != had}, fresh


def side_of(agent: Agent, conversation: Conversation | None) -> Side:
    """Return what the agent sees beside the request."""
    state = _state(conversation)
    licensed = current_site().licence_active
    may_change = licensed and agent.may_reply and state is not SideState.ENDED
    form = numbers_shown(agent, conversation, may_change=may_change)
    note = _note(agent, conversation, state)
    if conversation is None:
        return Side(state, Top(_("No number"), note=note), form, Account())
    channels = ", ".join(str(channel.label) for channel in channels_of(conversation))
    top = Top(state_in_words(conversation), str(conversation.state), channels, note)
    customer = conversation.customer
    is_reporter = customer.jira_account_id == agent.reporter_account_id
    linked_name = customer.name or (_("the reporter") if is_reporter else _("linked"))
    linked = bool(customer.jira_account_id)
    account = Account(
        shown=True,
        name=linked_name if linked else "",
        linked=linked,
        may_change=licensed and agent.may_reply,
    )
    return Side(state, top, form, account)


def _state(conversation: Conversation | None) -> SideState:
    if conversation is None:
        return SideState.NO_PHONE
    match conversation.state:
        case Conversation.State.ENDED:
            return SideState.ENDED
        case Conversation.State.PAUSED if holder_of(conversation):
            return SideState.OTHER_ACTIVE
        case Conversation.State.PAUSED:
            return SideState.PAUSED
        case _:
            return SideState.ACTIVE


def _note(agent: Agent, conversation: Conversation | None, state: SideState) -> str:
    if conversation is not None and state is SideState.ENDED:
        return why_ended(conversation)
    if conversation is not None and state is SideState.OTHER_ACTIVE:
        return _where_they_go(agent, conversation)
    if not current_site().licence_active:
        return _("OmniChat is not active on this site. Ask your Jira admin to renew the licence.")
    if not agent.may_reply:
        return _("View only: you can see the numbers but not change them.")
    if conversation is None:
        return _("Add the customer's number to start a conversation.")
    return ""


def _where_they_go(agent: Agent, conversation: Conversation) -> str:
    holder = known_holder(agent, conversation)
    if holder is None:
        return _("The customer's messages now go to another request.")
    words = _("The customer's messages now go to %(request)s. Open OmniChat to move them here.")
    return words % {"request": holder.issue_key}
