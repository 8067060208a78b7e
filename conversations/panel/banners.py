"""The states of a panel, and the sentence that says why an agent cannot write in one of them."""

from dataclasses import dataclass
from datetime import tzinfo
from enum import StrEnum
from urllib.parse import quote

from babel.dates import format_date
from babel.lists import format_list
from django.conf import settings
from django.utils.translation import gettext as _

from conversations.contracts import Agent
from conversations.languages import reading_locale
from conversations.late_promises import Neighbour, late_neighbours
from conversations.models import AgentProfile, Conversation, Sender
from conversations.moments import Moment
from conversations.panel.routes import Routes
from conversations.reach import is_reached_by_comments, known_holder, why_ended
from conversations.standstill import still_since
from tenants.context import current_site


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


WRITABLE = {State.ACTIVE, State.EMPTY, State.WINDOW_CLOSED}


@dataclass(frozen=True)
class Button:
    """What may be done about it: an action of the page, or an address to open.

    `question` is asked before; `sender` and `address` are a route to choose.
    """

    label: str
    action: str
    href: str = ""
    question: str = ""
    sender: int | None = None
    address: int | None = None


@dataclass(frozen=True)
class Banner:
    """What is in the way; empty where nothing is. `also` are those shown in addition."""

    kind: str = ""
    title: str = ""
    text: str = ""
    buttons: tuple[Button, ...] = ()
    also: tuple["Banner", ...] = ()


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
            return _no_route(agent, routes, name)
        case State.OPTED_OUT:
            return _opted_out(agent, conversation, routes, name, zone)
        case _:
            return _plain(state)


def delays(state: State, conversation: Conversation, zone: tzinfo) -> tuple[Banner, ...]:
    """Return what is shown in addition: who keeps promises of this conversation waiting."""
    late = late_neighbours(conversation)
    banners = []
    if since := still_since():
        words = _(
            "Since %(time)s messages wait on our side, those of your customer as well as yours."
            " None is lost: they go on by themselves. If it lasts, tell your admin."
        )
        named = {"time": Moment(since.astimezone(zone)).dated}
        banners.append(Banner("warning", _("OmniChat stands still"), words % named))
    if since := late.get(Neighbour.PROVIDER):
        words = _(
            "Since %(time)s %(provider)s does not answer. Your messages are queued and go out by"
            " themselves."
        )
        told = {"time": Moment(since.astimezone(zone)).dated, "provider": settings.PROVIDER_NAME}
        banners.append(Banner("warning", _("Messages are delayed"), words % told))
    if since := late.get(Neighbour.JIRA):
        words = _("Since %(time)s. You can read and reply. Status changes show later.")
        if state not in WRITABLE:
            words = _("Since %(time)s. Status changes show later.")
        told = {"time": Moment(since.astimezone(zone)).dated}
        banners.append(Banner("information", _("Jira does not answer"), words % told))
    return tuple(banners)


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
        words = _("View only – you can read this conversation but not reply.")  # noqa: RUF001
        return Banner("information", text=words)
    return Banner()


def _other_active(agent: Agent, conversation: Conversation, name: str) -> Banner:
    title = _("Active in another request")
    holder = known_holder(agent, conversation)
    if holder is None:
        words = _("%(name)s's messages now go to another request.") % {"name": name}
        return Banner("information", title, words)
    key, about = holder.issue_key, agent.other_issue_title
    words = _("%(name)s's messages now go to %(request)s.")
    if about:
        words = _("%(name)s's messages now go to %(request)s “%(title)s”.")
    question = _("%(request)s will be paused. %(name)s's next message comes to this request.")
    named = {"name": name, "request": key, "title": about}
    page = f"{current_site().url.rstrip('/')}/browse/{quote(key)}"
    buttons = (
        Button(_("Open %(request)s") % named, "open", href=page),
        Button(_("Move here"), "move-here", question=question % named),
    )
    return Banner("information", title, words % named, buttons)


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
    return Banner("information", _("Conversation paused"), words, (Button(_("Resume"), "resume"),))


def _no_route(agent: Agent, routes: Routes, name: str) -> Banner:
    if not routes.addresses:
        words = _("%(name)s writes from an address that cannot receive answers.")
        return Banner("warning", _("No answer possible"), words % {"name": name})
    words = _("None of our numbers can write to %(name)s.") % {"name": name}
    buttons = []
    if routes.broken:
        words = _("%(number)s (%(channel)s) cannot send: %(reason)s.") % {
            "number": routes.broken.number,
            "channel": routes.broken.get_channel_display(),
            "reason": _why_unable(routes.broken),
        }
    if routes.over:
        sender, address = routes.over
        label = _("Switch to %(channel)s") % {"channel": sender.channel_label}
        buttons.append(Button(label, "switch", sender=sender.pk, address=address.pk))
    if agent.may_administer:
        page = f"{current_site().console_url}conversations/sender/"
        buttons.append(Button(_("Open sender settings"), "open", href=page))
    else:
        whom = _("Ask an admin to check the senders.")
        words = f"{words} {whom}"
    return Banner("warning", _("Sender not working"), words, tuple(buttons))


def _why_unable(sender: Sender) -> str:
    if not sender.enabled:
        return _("it is switched off")
    if sender.provider_state == Sender.NOT_IN_ACCOUNT:
        return _("it is not in the provider's account")
    return _("the provider says “%(state)s”") % {"state": sender.provider_state.replace("-", " ")}


def _opted_out(
    agent: Agent, conversation: Conversation, routes: Routes, name: str, zone: tzinfo
) -> Banner:
    title = _("Customer opted out")
    labels = list(dict.fromkeys(end.channel_label for end in routes.addresses if end.opted_out))
    since = max((end.opted_out_at for end in routes.addresses if end.opted_out_at), default=None)
    locale = reading_locale()
    words = _("%(name)s asked not to be messaged.") % {"name": name}
    if since is not None:
        words = _("%(name)s asked not to be messaged on %(channels)s (%(date)s).") % {
            "name": name,
            "channels": format_list(labels, locale=locale),
            "date": format_date(since.astimezone(zone), "medium", locale=locale),
        }
    if is_reached_by_comments(agent, conversation):
        comments = _("Reply in comments: Jira brings them to the reporter.")
        words = f"{words} {comments}"
    return Banner("warning", title, words)
