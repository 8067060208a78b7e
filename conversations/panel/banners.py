"""The states of a panel, and the sentence that says why an agent cannot write in one of them."""

from dataclasses import dataclass
from datetime import tzinfo
from enum import StrEnum

from django.utils.translation import gettext as _

from conversations.contracts import Agent
from conversations.models import AgentProfile, Conversation
from conversations.moments import Moment
from conversations.panel.routes import Routes
from conversations.reach import elsewhere, why_ended


class State(StrEnum):
    """`#panel[data-state]`; of several that hold the first wins."""

    UNLICENSED = "unlicensed"
    READ_ONLY = "read-only"
    RESOLVED = "resolved"
    NO_PHONE = "no-phone"
    OPTED_OUT = "opted-out"
    OTHER_ACTIVE = "other-active"
    SENDER_MISCONFIGURED = "sender-misconfigured"
    PAUSED = "paused"
    WINDOW_CLOSED = "window-closed"
    EMPTY = "empty"
    ACTIVE = "active"


@dataclass(frozen=True)
class Banner:
    """Why; `action` is what the agent may do about it. Empty where nothing is in the way."""

    kind: str = ""
    title: str = ""
    text: str = ""
    action: str = ""


def banner_of(
    state: State,
    conversation: Conversation,
    routes: Routes,
    *,
    agent: Agent,
    name: str,
    zone: tzinfo,
) -> Banner:
    """Return the banner of a state; `name` is what the customer is called in it."""
    match state:
        case State.RESOLVED:
            return Banner("warning", text=why_ended(conversation))
        case State.PAUSED:
            return _paused(conversation, name, zone)
        case State.OTHER_ACTIVE:
            return _other_active(agent, conversation, name)
        case State.SENDER_MISCONFIGURED:
            return _no_route(routes, name)
        case State.OPTED_OUT:
            return _opted_out(routes, name)
        case _:
            return _plain(state)


def no_conversation() -> Banner:
    words = _("The customer of this request has not written by SMS or WhatsApp.")
    return Banner("information", _("No conversation yet"), words)


def unlicensed() -> Banner:
    words = _("Ask your Jira admin to renew the licence. Earlier messages stay readable.")
    return Banner("warning", _("OmniChat is not active on this site"), words)


def _plain(state: State) -> Banner:
    if state is State.UNLICENSED:
        return unlicensed()
    if state is State.READ_ONLY:
        words = _("View only: you can read this conversation but not reply.")
        return Banner("information", text=words)
    return Banner()


def _other_active(agent: Agent, conversation: Conversation, name: str) -> Banner:
    words = _("The messages of %(name)s now go to %(request)s. Pause it to resume here.")
    named = {"name": name, "request": elsewhere(agent, conversation)}
    return Banner("information", _("Active in another request"), words % named)


def _paused(conversation: Conversation, name: str, zone: tzinfo) -> Banner:
    if conversation.channels == []:
        words = _("No channel is activated. Choose one in OmniChat beside the request to go on.")
        return Banner("information", _("Conversation paused"), words)
    profile = AgentProfile.objects.filter(account_id=conversation.state_changed_by).first()
    words = _("New messages from %(name)s will not reach this request.") % {"name": name}
    if profile:
        at = Moment(conversation.state_changed_at.astimezone(zone)).dated
        who = _("Paused by %(agent)s at %(time)s.") % {"agent": profile.name, "time": at}
        words = f"{who} {words}"
    return Banner("information", _("Conversation paused"), words, "resume")


def _no_route(routes: Routes, name: str) -> Banner:
    if not routes.addresses:
        words = _("%(name)s writes from an address that cannot receive answers.")
        return Banner("warning", _("No answer possible"), words % {"name": name})
    words = _("None of our numbers can write to %(name)s. Ask an admin to check the senders.")
    return Banner("warning", _("Sender not working"), words % {"name": name})


def _opted_out(routes: Routes, name: str) -> Banner:
    channels = _(" and ").join(dict.fromkeys(end.channel_label for end in routes.addresses))
    words = _("%(name)s asked not to be messaged on %(channels)s.")
    named = {"name": name, "channels": channels or _("any channel")}
    return Banner("warning", _("Customer opted out"), words % named)
