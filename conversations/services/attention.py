"""What the agents of one request know of each other: who looks, who writes, who has replied."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from babel.dates import format_timedelta
from babel.lists import format_list
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from conversations.contracts import Agent
from conversations.errors import ConfirmationNeeded
from conversations.initials import initials
from conversations.languages import reading_locale
from conversations.models import AgentPresence, AgentProfile, Conversation, Draft, Message
from conversations.nudges import ring_presence
from tenants.context import current_site

COLLEAGUE_REPLIED = "colleague-replied"
A_MINUTE = timedelta(minutes=2)  # what began it counts as one
SEEN_FOR = timedelta(seconds=45)  # a panel says every 20 s that it is looked at
WRITING_FOR = timedelta(seconds=8)  # after the last key
KEPT_FOR = timedelta(days=1)
MOST_NAMED = 3


@dataclass(frozen=True)
class Line:
    """A sentence about colleagues, and until when it is true if nothing more is heard of them."""

    kind: str
    text: str
    until: datetime
    avatars: tuple[str, ...]


@dataclass(frozen=True)
class Colleagues:
    """The other agents on a request. `mark` is equal for what looks the same, for as long."""

    lines: Sequence[Line] = ()

    @property
    def mark(self) -> str:
        return sha256(repr(self.lines).encode()).hexdigest()[:12] if self.lines else "nobody"


def colleagues_of(agent: Agent) -> Colleagues:
    """Return who else looks at the agent's request, and who of them writes. One query."""
    if not current_site().licence_active:
        return Colleagues()
    return _told(_others(_present_on(agent.issue_id), agent), timezone.now())


def note_presence(agent: Agent, *, typed: timedelta | None = None) -> Colleagues:
    """Keep that the agent looks at their request, and how long ago they typed; return the others.

    The others' panels are rung only when this changes what they show. Those who may only read are
    seen too, and never write.
    """
    if not current_site().licence_active:
        return Colleagues()
    now = timezone.now()
    present = list(_present_on(agent.issue_id))
    before = next((each for each in present if each.account_id == agent.account_id), None)
    typed_at = now - typed if typed is not None and agent.may_reply else None
    known = before.typed_at if before else None
    after = AgentPresence(
        issue_id=agent.issue_id,
        account_id=agent.account_id,
        seen_at=now,
        typed_at=max((at for at in (known, typed_at) if at), default=None),
    )
    AgentPresence.objects.bulk_create(
        [after],
        update_conflicts=True,
        unique_fields=["issue_id", "account_id"],
        # Of two panels of theirs, the one that is only looked at says nothing of the keys.
        update_fields=["seen_at", "typed_at"] if typed_at else ["seen_at"],
    )
    if _shown(before, now) != _shown(after, now):
        ring_presence(agent.issue_id, agent.account_id)
    return _told(_others(present, agent), now)


def leave(agent: Agent) -> None:
    """The agent has closed their panel; another one of theirs comes back with its next sign."""
    if _of(agent).delete()[0]:
        ring_presence(agent.issue_id, agent.account_id)


def stop_writing(agent: Agent) -> None:
    """The agent has sent what they wrote."""
    writing = _of(agent).filter(typed_at__gt=timezone.now() - WRITING_FOR)
    if writing.update(typed_at=None):
        ring_presence(agent.issue_id, agent.account_id)


def forget_presence() -> int:
    """Remove what is long over; returns how many rows went."""
    return AgentPresence.objects.filter(seen_at__lt=timezone.now() - KEPT_FOR).delete()[0]


def require_no_other_reply(
    agent: Agent, conversation: Conversation, confirmed: Collection[str]
) -> None:
    """Ask whether to send although a colleague has, since the agent began to write.

    The caller holds the customer's lock: no reply comes between this look and the sending. Raises
    ConfirmationNeeded.
    """
    draft = Draft.objects.filter(issue_id=agent.issue_id, account_id=agent.account_id).first()
    if draft is None:
        return
    others = Message.objects.filter(
        conversation=conversation,
        direction=Message.Direction.OUT,
        auto_reply="",
        created_at__gt=draft.began_at,
    ).exclude(author__in=("", agent.account_id))
    reply = others.order_by("-created_at").first()
    # Named in the code: to have agreed to one reply says nothing of one that came meanwhile.
    code = f"{COLLEAGUE_REPLIED}-{reply.pk}" if reply else ""
    if reply is not None and code not in confirmed:
        raise ConfirmationNeeded(_question(reply), code=code)


def _question(reply: Message) -> str:
    profile = AgentProfile.objects.filter(account_id=reply.author).first()
    name = profile.name if profile else _("A colleague")
    age = timezone.now() - reply.created_at
    if age < A_MINUTE:
        return _("%(name)s replied a minute ago. Send anyway?") % {"name": name}
    ago = format_timedelta(-age, add_direction=True, locale=reading_locale())
    # Translators: %(ago)s is such as "5 minutes ago".
    return _("%(name)s replied %(ago)s. Send anyway?") % {"name": name, "ago": ago}


def _of(agent: Agent) -> QuerySet[AgentPresence]:
    return AgentPresence.objects.filter(issue_id=agent.issue_id, account_id=agent.account_id)


def _present_on(issue_id: str) -> QuerySet[AgentPresence]:
    profile = AgentProfile.objects.filter(account_id=OuterRef("account_id"))
    lately = AgentPresence.objects.filter(issue_id=issue_id, seen_at__gt=timezone.now() - SEEN_FOR)
    return lately.annotate(name=Subquery(profile.values("name")[:1])).order_by("name", "pk")


def _others(present: Iterable[AgentPresence], agent: Agent) -> list[AgentPresence]:
    return [each for each in present if each.account_id != agent.account_id]


def _shown(presence: AgentPresence | None, now: datetime) -> tuple[bool, bool]:
    """Whether others see the agent as there, and as writing."""
    if presence is None:
        return False, False
    return presence.seen_at > now - SEEN_FOR, _writes(presence, now)


def _writes(presence: AgentPresence, now: datetime) -> bool:
    return presence.typed_at is not None and presence.typed_at > now - WRITING_FOR


def _told(others: Sequence[AgentPresence], now: datetime) -> Colleagues:
    writing = [each for each in others if _writes(each, now)]
    viewing = [each for each in others if not _writes(each, now)]
    lines = []
    if writing:
        words = ngettext(
            "%(names)s is also writing a reply to this customer.",
            "%(names)s are also writing a reply to this customer.",
            len(writing),
        )
        until = min(each.typed_at for each in writing if each.typed_at) + WRITING_FOR
        lines.append(Line("writing", words % {"names": _names(writing)}, until, _avatars(writing)))
    if viewing:
        words = ngettext(
            "%(names)s is viewing this conversation.",
            "%(names)s are viewing this conversation.",
            len(viewing),
        )
        until = min(each.seen_at for each in viewing) + SEEN_FOR
        lines.append(Line("viewing", words % {"names": _names(viewing)}, until, _avatars(viewing)))
    return Colleagues(tuple(lines))


def _avatars(those: Sequence[AgentPresence]) -> tuple[str, ...]:
    return tuple(initials(getattr(each, "name", None) or "") for each in those[:MOST_NAMED])


def _names(those: Sequence[AgentPresence]) -> str:
    """Return them as a list of the language: by name, and a number for those beyond a few."""
    names = [getattr(each, "name", None) or _("A colleague") for each in those]
    if len(names) > MOST_NAMED:
        left = len(names) - MOST_NAMED + 1
        names[MOST_NAMED - 1 :] = [ngettext("%d other", "%d others", left) % left]
    return format_list(names, locale=reading_locale())
