"""What each channel carries: kinds, types and sizes of files, lengths, the window for replies."""

from dataclasses import dataclass
from datetime import timedelta

from conversations.contracts import Channel, MessageKind, SendState

MEGABYTE = 1024 * 1024  # bytes
LARGEST_FILE = 100 * MEGABYTE  # the largest that any channel carries


@dataclass(frozen=True)
class FileLimit:
    """Which files go as a kind: their types (none named: any), and their size in bytes."""

    kind: MessageKind
    types: frozenset[str]
    largest: int

    def takes(self, content_type: str) -> bool:
        return not self.types or content_type in self.types


@dataclass(frozen=True)
class Capabilities:
    """What may be sent on a channel.

    `longest_text` and `longest_caption` are in characters as the channel counts them;
    `reply_window` is how long after the customer's last message free text is allowed (None:
    always). Of `files` the first that takes a file's type decides its kind; none: no files.
    `rich` is that places, contacts, buttons and lists are carried; `presence` that customers see
    what was read, and that somebody writes.
    """

    longest_text: int
    reply_window: timedelta | None
    last_state: SendState
    longest_caption: int = 0
    files: tuple[FileLimit, ...] = ()
    quotes: bool = False
    templates: bool = False
    rich: bool = False
    presence: bool = False

    def limit_for(self, content_type: str) -> FileLimit | None:
        """Return the limit that a file of this type has to keep; None when none is carried."""
        return next((limit for limit in self.files if limit.takes(content_type)), None)


# Source: Infobip's WhatsApp OpenAPI document; captions are cut at 1,024 by WhatsApp itself.
WHATSAPP_FILES = (
    FileLimit(MessageKind.IMAGE, frozenset({"image/jpeg", "image/png"}), 5 * MEGABYTE),
    FileLimit(MessageKind.VIDEO, frozenset({"video/mp4", "video/3gpp"}), 16 * MEGABYTE),
    FileLimit(
        MessageKind.AUDIO,
        frozenset({"audio/aac", "audio/amr", "audio/mpeg", "audio/mp4"}),
        16 * MEGABYTE,
    ),
    FileLimit(MessageKind.VOICE, frozenset({"audio/ogg"}), 16 * MEGABYTE),
    FileLimit(MessageKind.DOCUMENT, frozenset(), LARGEST_FILE),
)

CAPABILITIES = {
    Channel.SMS: Capabilities(longest_text=1000, reply_window=None, last_state=SendState.DELIVERED),
    Channel.WHATSAPP: Capabilities(
        longest_text=4096,
        reply_window=timedelta(hours=24),
        last_state=SendState.READ,
        longest_caption=1024,
        files=WHATSAPP_FILES,
        quotes=True,
        templates=True,
        rich=True,
        presence=True,
    ),
}
