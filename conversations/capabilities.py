"""What each channel carries: kinds, lengths, the window for replies."""

from dataclasses import dataclass
from datetime import timedelta

from conversations.contracts import Channel, SendState


@dataclass(frozen=True)
class Capabilities:
    """What may be sent on a channel.

    `longest_text` is in characters as the channel counts them; `reply_window` is how long after the
    customer's last message free text is allowed (None: always).
    """

    longest_text: int
    reply_window: timedelta | None
    last_state: SendState


CAPABILITIES = {
    Channel.SMS: Capabilities(longest_text=1000, reply_window=None, last_state=SendState.DELIVERED),
    Channel.WHATSAPP: Capabilities(
        longest_text=4096, reply_window=timedelta(hours=24), last_state=SendState.READ
    ),
}
