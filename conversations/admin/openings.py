"""Who opened which transcript: recorded once for each sitting, not for each of its pages."""

from django.http import HttpRequest
from django.utils import timezone

from conversations.admin import trail
from conversations.models import Conversation

OPENED = "console.opened"  # in the session: which transcripts, until when
SECONDS = 300  # as long as numbers stay revealed


def note_opened(request: HttpRequest, conversation: Conversation) -> None:
    """Record that a transcript is read, unless this session's opening of it is minutes old.

    Its pages, tabs and files are one look at it: an event for each would bury the others.
    """
    now, name = timezone.now().timestamp(), str(conversation.pk)
    kept = {key: until for key, until in request.session.get(OPENED, {}).items() if until > now}
    if name in kept:
        return
    trail.record(request, "transcript.opened", subject=conversation, conversation=conversation)
    request.session[OPENED] = {**kept, name: now + SECONDS}
