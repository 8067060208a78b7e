"""What stands around the thread: the state, and what head, banner and composer show in it."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from hashlib import sha256
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils import timezone
from django.utils.translation import gettext as _

from conversations.contracts import Agent, Channel
from conversations.models import Conversation, Message
from conversations.panel.banners import Banner, State, banner_of, no_conversation
from conversations.panel.routes import Routes, closing_time, routes_of
from conversations.phone_numbers import display
from conversations.services.drafts import draft_of


@dataclass(frozen=True)
class Head:
    name: str = ""
    number: str = ""
    lozenge: str = ""
    lozenge_kind: str = "off"
    closes_at: datetime | None = None


@dataclass(frozen=True)
class Composer:
    """`kind` is form, closed or none; routes matter in the first two."""

    kind: str = "none"
    routes: Routes | None = None
    name: str = ""
    draft_kept: bool = False
    may_pause: bool = False


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
        head = Head(name=_("No conversation yet"))
        return Situation(State.NO_PHONE, head, no_conversation(), Composer())
    inbound = Message.objects.from_customer().filter(conversation=conversation)
    last = inbound.select_related("sender", "address").order_by("-occurred_at", "-pk").first()
    routes = routes_of(conversation, last, wanted=wanted)
    state = _state(agent, conversation, routes)
    name = conversation.customer.name
    number = display(last.address.value) if last else ""
    head = Head(
        name=name or number or _("Customer"),
        number=number if name else "",
        lozenge=_lozenge(conversation),
        lozenge_kind=str(conversation.state),
        closes_at=_countdown(conversation, routes) if conversation.state == "active" else None,
    )
    banner = banner_of(state, conversation, routes, name=head.name, zone=zone_of(agent))
    return Situation(state, head, banner, _composer(state, agent, routes, head.name))


def _state(agent: Agent, conversation: Conversation, routes: Routes) -> State:
    paused = conversation.state == Conversation.State.PAUSED
    ended = conversation.state == Conversation.State.ENDED
    checks = (
        (State.READ_ONLY, not agent.may_reply),
        (State.OPTED_OUT, conversation.end_reason == Conversation.EndReason.OPTED_OUT),
        (State.RESOLVED, ended),
        (State.OPTED_OUT, routes.all_opted_out),
        (State.OTHER_ACTIVE, paused and _active_elsewhere(conversation)),
        (State.SENDER_MISCONFIGURED, routes.sender is None),
        (State.PAUSED, paused),
        (State.WINDOW_CLOSED, routes.closed),
        (State.EMPTY, not conversation.messages.exists()),
    )
    return next((state for state, holds in checks if holds), State.ACTIVE)


def _active_elsewhere(conversation: Conversation) -> bool:
    others = Conversation.objects.active().filter(customer=conversation.customer_id)
    return others.exclude(pk=conversation.pk).exists()


def _lozenge(conversation: Conversation) -> str:
    match conversation.state:
        case Conversation.State.PAUSED:
            return _("Paused")
        case Conversation.State.ENDED:
            return conversation.issue_status or _("Ended")
        case _:
            return _("Active")


def _countdown(conversation: Conversation, routes: Routes) -> datetime | None:
    """The chosen route's window; where it has none, the one in which the customer wrote last."""
    if routes.closes_at is not None:
        return routes.closes_at
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
            return Composer("form", routes, name, may_pause=True)
        case State.WINDOW_CLOSED:
            return Composer("closed", routes, name)
        case State.PAUSED:
            return Composer(draft_kept=bool(draft_of(agent)))
        case _:
            return Composer()
