"""What stands around the thread: the state, and what head, banner and composer show in it."""

from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from hashlib import sha256
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from conversations.contracts import Agent, Channel
from conversations.models import Conversation, Message
from conversations.panel.banners import (
    Banner,
    State,
    banner_of,
    delays,
    no_conversation,
    unlicensed,
)
from conversations.panel.routes import Routes, closing_time, routes_of
from conversations.panel.side_forms import Numbers, numbers_shown
from conversations.phone_numbers import display
from conversations.reach import holder_of
from conversations.services.preferences import Preferences, preferences_of
from conversations.state_words import state_in_words
from tenants.context import current_site

# Sections of the guide by what is in the agent's way; any other state leads to its beginning.
SECTIONS = {
    State.UNLICENSED: "omnichat-is-not-active",
    State.READ_ONLY: "view-only",
    State.RESOLVED: "resolved-and-reopened-requests",
    State.NO_PHONE: "numbers-and-e-mail-customers",
    State.OPTED_OUT: "customers-who-opted-out",
    State.OTHER_ACTIVE: "pause-resume-move-here",
    State.SENDER_MISCONFIGURED: "sender-not-working",
    State.PAUSED: "pause-resume-move-here",
    State.WINDOW_CLOSED: "whatsapp-24-hours-and-templates",
}


@dataclass(frozen=True)
class Head:
    guide: str
    name: str = ""
    number: str = ""
    lozenge: str = ""
    lozenge_kind: str = "off"
    closes_at: datetime | None = None


@dataclass(frozen=True)
class Composer:
    """`kind` is form, closed, numbers or none; routes matter in the first two."""

    kind: str = "none"
    routes: Routes | None = None
    name: str = ""
    may_pause: bool = False
    first: bool = False
    numbers: Numbers | None = None
    preferences: Preferences | None = None


@dataclass(frozen=True)
class Situation:
    state: State
    head: Head
    banner: Banner
    composer: Composer

    @property
    def fingerprints(self) -> list[str]:
        """Short marks of head, banner and composer: equal when the part looks the same."""
        parts = (self.head, self.banner, self.composer)
        return [sha256(repr(part).encode()).hexdigest()[:12] for part in parts]


def zone_of(agent: Agent) -> tzinfo:
    try:
        return ZoneInfo(agent.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def situation_of(
    agent: Agent,
    conversation: Conversation | None,
    *,
    wanted: tuple[int | None, int | None] = (None, None),
) -> Situation:
    """Return what the agent sees; `wanted` is the route they chose, as ids of From and To."""
    if conversation is None:
        return _nobody_yet(agent)
    inbound = Message.objects.from_customer().filter(conversation=conversation)
    last = inbound.select_related("sender", "address").order_by("-occurred_at", "-pk").first()
    routes = routes_of(conversation, last, wanted=wanted)
    empty = last is None and not conversation.messages.exists()
    state = _state(agent, conversation, routes, empty=empty)
    name = conversation.customer.name
    number = display(last.address.value) if last else routes.number
    head = Head(
        guide=_guide_at(state),
        name=name or number or _("Customer"),
        number=number if name else "",
        lozenge=state_in_words(conversation),
        lozenge_kind=str(conversation.state),
        closes_at=_countdown(conversation, routes) if conversation.state == "active" else None,
    )
    banner = banner_of(
        state, conversation, routes, agent=agent, name=head.name, zone=zone_of(agent)
    )
    banner = replace(banner, also=delays(state, conversation, zone_of(agent)))
    return Situation(state, head, banner, _composer(state, agent, routes, head.name))


def _nobody_yet(agent: Agent) -> Situation:
    name = _("No conversation yet")
    if not current_site().licence_active:
        head = Head(_guide_at(State.UNLICENSED), name)
        return Situation(State.UNLICENSED, head, unlicensed(), Composer())
    head = Head(_guide_at(State.NO_PHONE), name)
    if not agent.may_reply:
        return Situation(State.NO_PHONE, head, no_conversation(), Composer())
    numbers = numbers_shown(agent, None, may_change=True)
    return Situation(State.NO_PHONE, head, Banner(), Composer("numbers", numbers=numbers))


def _guide_at(state: State) -> str:
    section = SECTIONS.get(state)
    return f"{settings.GUIDE_URL}#{section}" if section else settings.GUIDE_URL


def _state(agent: Agent, conversation: Conversation, routes: Routes, *, empty: bool) -> State:
    paused = conversation.state == Conversation.State.PAUSED
    ended = conversation.state == Conversation.State.ENDED
    checks = (
        (State.UNLICENSED, not current_site().licence_active),
        (State.READ_ONLY, not agent.may_reply),
        (State.OPTED_OUT, conversation.end_reason == Conversation.EndReason.OPTED_OUT),
        (State.RESOLVED, ended),
        (State.OPTED_OUT, routes.all_opted_out),
        (State.OTHER_ACTIVE, paused and holder_of(conversation) is not None),
        (State.SENDER_MISCONFIGURED, routes.sender is None and conversation.channels != []),
        (State.PAUSED, paused),
        (State.WINDOW_CLOSED, routes.closed),
        (State.EMPTY, empty),
    )
    return next((state for state, holds in checks if holds), State.ACTIVE)


def _countdown(conversation: Conversation, routes: Routes) -> datetime | None:
    """The chosen route's window; where it has none, the one in which the customer wrote last."""
    if routes.closes_at is not None:
        return None if routes.never_written else routes.closes_at
    if Channel.WHATSAPP not in {end.channel for end in routes.addresses}:
        return None
    last = (
        Message.objects.from_customer()
        .filter(address__phone_number__customer=conversation.customer_id, channel=Channel.WHATSAPP)
        .select_related("sender", "address")
        .order_by("-occurred_at", "-pk")
        .first()
    )
    closes_at = closing_time(last.sender, last.address) if last else None
    return closes_at if closes_at and closes_at > timezone.now() else None


def _composer(state: State, agent: Agent, routes: Routes, name: str) -> Composer:
    match state:
        case State.ACTIVE | State.EMPTY:
            preferences = preferences_of(agent)
            return Composer("form", routes, name, may_pause=True, preferences=preferences)
        case State.WINDOW_CLOSED:
            return Composer("closed", routes, name, first=routes.never_written)
        case _:
            return Composer()
