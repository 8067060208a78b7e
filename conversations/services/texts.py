"""What an agent wrote, as it may be sent on a channel, or why it may not."""

from collections.abc import Collection

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from conversations import sms_text
from conversations.capabilities import CAPABILITIES
from conversations.contracts import Channel
from conversations.errors import ConfirmationNeeded, SendingRefused
from conversations.models import SendingSettings
from conversations.sms_text import TextProblem, TextProblemCode

MANY_PARTS = "many-parts"
# What no text may be, however long it is.
OF_ANY_CHANNEL = {
    TextProblemCode.EMPTY,
    TextProblemCode.CONTROL_CHARACTER,
    TextProblemCode.LONE_SURROGATE,
}


def longest_text(channel: Channel) -> int:
    """Return how many characters a text may have; for SMS the site's own setting."""
    if channel == Channel.SMS:
        return SendingSettings.objects.current().longest_sms
    return CAPABILITIES[channel].longest_text


def sendable_text(text: str, channel: Channel, *, longest: int | None = None) -> str:
    """Return the text as it is counted and sent. Raises SendingRefused.

    `longest` is the channel's `longest_text`, for who has it already.
    """
    text = sms_text.normalise(text)
    longest = longest_text(channel) if longest is None else longest
    if channel == Channel.SMS:
        problem = sms_text.refusal(text, limit=longest)
    else:
        problem = _problem(text, longest)
    if problem is not None:
        raise SendingRefused(_words(problem), code=problem.code.lower().replace("_", "-"))
    return text


def require_few_parts(text: str, channel: Channel, confirmed: Collection[str]) -> None:
    """Ask before a text is charged as many times as it has parts. Raises ConfirmationNeeded."""
    if channel != Channel.SMS or MANY_PARTS in confirmed:
        return
    size = sms_text.counter(text)
    if size.asks_first:
        raise ConfirmationNeeded(
            ngettext(
                "This message is sent as %(count)d SMS part. Each part is charged. Send anyway?",
                "This message is sent as %(count)d SMS parts. Each part is charged. Send anyway?",
                size.parts,
            )
            % {"count": size.parts},
            code=MANY_PARTS,
        )


def sendable_part(text: str, *, name: str, longest: int, needed: bool = True) -> str:
    """Return a shorter text that is part of a message, without blanks around it.

    `name` is how the agent knows it. One that is not `needed` may be empty. Raises SendingRefused.
    """
    text = sms_text.normalise(text).strip()
    problem = _problem(text, longest)
    if problem is None or (problem.code is TextProblemCode.EMPTY and not needed):
        return text if problem is None else ""
    match problem.code:
        case TextProblemCode.EMPTY:
            words = _("%(name)s is missing. Fill it in.")
        case TextProblemCode.TOO_LONG:
            words = _("%(name)s has %(found)d characters, %(allowed)d are allowed. Shorten it.")
        case _:
            words = _("%(name)s holds characters that cannot be sent: %(which)s. Remove them.")
    raise SendingRefused(
        words
        % {
            "name": name,
            "found": problem.found,
            "allowed": problem.allowed,
            "which": ", ".join(problem.offending),
        },
        code=problem.code.lower().replace("_", "-"),
    )


def _problem(text: str, longest: int) -> TextProblem | None:
    """Unlike SMS, WhatsApp counts characters and not parts."""
    problem = sms_text.refusal(text)
    if problem is not None and problem.code in OF_ANY_CHANNEL:
        return problem
    if len(text) > longest:
        return TextProblem(TextProblemCode.TOO_LONG, len(text), longest)
    return None


def _words(problem: TextProblem) -> str:
    match problem.code:
        case TextProblemCode.EMPTY:
            return _("Write a message first.")
        case TextProblemCode.TOO_LONG:
            return _(
                "The message has %(found)d characters, %(allowed)d are allowed. Shorten it."
            ) % {
                "found": problem.found,
                "allowed": problem.allowed,
            }
        case TextProblemCode.TOO_MANY_PARTS | TextProblemCode.TOO_MANY_BYTES:
            return _("The message is longer than a phone can receive. Send it in pieces.")
        case _:
            return _(
                "The message holds characters that cannot be sent: %(which)s. Remove them."
            ) % {"which": ", ".join(problem.offending)}
