"""Names of files: safe ones from what others call them, and ours for those without."""

import re
from datetime import datetime
from pathlib import PurePosixPath

from django.utils.translation import gettext as _

from conversations.contracts import MessageKind
from conversations.file_types import UNKNOWN, ending_of
from conversations.storable import storable

LONGEST = 255  # characters
LONGEST_ENDING = 20


def safe_name(said: str) -> str:
    """Return the name without path, control and invisible characters; "" when nothing is left."""
    name = re.split(r"[/\\]", storable(said))[-1]
    name = "".join(each for each in name if each.isprintable()).strip().lstrip(".")
    ending = PurePosixPath(name).suffix[:LONGEST_ENDING]
    return name if len(name) <= LONGEST else name[: LONGEST - len(ending)] + ending


def name_of(said: str, *, kind: str, content_type: str, occurred_at: datetime) -> str:
    """Return what a file is called here: as it was called, else after its kind and day."""
    name = safe_name(said)
    if not name:
        return f"{_word(kind)}-{occurred_at:%Y-%m-%d}{ending_of(content_type)}"
    if "." not in name and content_type != UNKNOWN:
        ending = ending_of(content_type)
        return name[: LONGEST - len(ending)] + ending
    return name


def _word(kind: str) -> str:
    match kind:
        case MessageKind.IMAGE:
            return _("photo")
        case MessageKind.VOICE:
            return _("voice-message")
        case MessageKind.AUDIO:
            return _("audio")
        case MessageKind.VIDEO:
            return _("video")
        case MessageKind.STICKER:
            return _("sticker")
        case _:
            return _("document")
