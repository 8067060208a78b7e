"""What the agents of one request know of each other: who looks, who writes, who has replied."""

from collections.abc import Collection
from datetime import timedelta

from babel.dates import format_timedelta
from django.utils import timezone
from django.utils.translation import gettext as _

from conversations.contracts import Agent
from conversations.errors import ConfirmationNeeded
from conversations.languages import reading_locale
from conversations.models import AgentProfile, Conversation, Draft, Message

COLLEAGUE_REPLIED = "colleague-replied"
A_MINUTE = timedelta(minutes=2)  # what began it counts as one


def require_no_other_reply(
    agent: Agent, conversation: Conversation, confirmed: Collection[str]
) -> None:
    """Ask whether to send although a colleague has, since the agent began to write.

    The caller holds the customer's lock: no reply comes between this look and the sending. Raises
    ConfirmationNeeded.
    """
    draft = Draft.objects.filter(issue_id=agent.issue_id, account_id=agent.account_id).first()
    if draft is None or COLLEAGUE_REPLIED in confirmed:
        return
    others = Message.objects.filter(
        conversation=conversation,
        direction=Message.Direction.OUT,
        auto_reply="",
        created_at__gt=draft.began_at,
    ).exclude(author__in=("", agent.account_id))
    reply = others.order_by("-created_at").first()
    if reply is not None:
        raise ConfirmationNeeded(_question(reply), code=COLLEAGUE_REPLIED)


def _question(reply: Message) -> str:
    profile = AgentProfile.objects.filter(account_id=reply.author).first()
    name = profile.name if profile else _("A colleague")
    age = timezone.now() - reply.created_at
    if age < A_MINUTE:
        return _("%(name)s replied a minute ago. Send anyway?") % {"name": name}
    ago = format_timedelta(-age, add_direction=True, locale=reading_locale())
    # Translators: %(ago)s is such as "5 minutes ago".
    return _("%(name)s replied %(ago)s. Send anyway?") % {"name": name, "ago": ago}
