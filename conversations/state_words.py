"""The state of a conversation in a word or two, as agents and admins read it."""

from django.utils.translation import gettext as _

from conversations.models import Conversation


def state_in_words(conversation: Conversation) -> str:
    match conversation.state:
        case Conversation.State.PAUSED:
            return _("Paused")
        case Conversation.State.ENDED:
            return _ended(conversation)
        case Conversation.State.OPENING:
            return _("Opening")
        case _:
            return _("Active")


def _ended(conversation: Conversation) -> str:
    match conversation.end_reason:
        case Conversation.EndReason.DELETED:
            return _("Deleted")
        case Conversation.EndReason.OPTED_OUT:
            return _("Opted out")
        case _:
            return conversation.issue_status or _("Ended")
