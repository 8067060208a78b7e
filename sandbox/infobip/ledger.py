"""Every message that went through, in order: what companies sent and what phones wrote."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox.infobip.clock import now
from sandbox.infobip.dates import wire_time
from sandbox.infobip.people import number_of
from sandbox.infobip.statuses import error, state_of, status

if TYPE_CHECKING:
    from sandbox.store import Store

KIND = "infobip.message"
Thread = tuple[str, str, str]


@dataclass
class Message:
    """`direction` is "out" for a company's message to a customer, "in" for the other way.

    `kind` is what it carries (text, image, template, interactive/buttons, ...) and `content` that
    in Infobip's own words: the content object of a send, the message object of an inbound.
    """

    direction: str
    channel: str
    company: str
    customer: str
    text: str
    message_id: str
    site: str
    at: float = field(default_factory=now)
    number: int = 0
    path: str = ""
    body: Any = None
    report_url: str = ""
    callback_data: str | None = None
    bulk_id: str | None = None
    parts: int = 1
    kind: str = "text"
    content: dict[str, Any] = field(default_factory=dict)
    media_id: str | None = None
    """Its file in the media store."""
    media_url: str = ""
    media_kind: str = ""
    """Where the company has the file, and what it has to be: image, voice, ..."""
    failover: dict[str, Any] | None = None
    """The SMS that goes if this one fails."""
    notify: bool = True
    intermediate: bool = False
    """Whether it is reported at all, and on the way too."""
    quotes: str = ""
    """The id of the message that this one answers."""
    reaction: str = ""
    """The customer's emoji on it."""
    status: str = "PENDING_ENROUTE"
    error: str = "NO_ERROR"
    final: str | None = None
    final_error: str = "NO_ERROR"
    done_at: float | None = None
    seen_at: float | None = None
    duplicates: int = 0
    name: str | None = None
    taken_at: float | None = None
    """When the company's webhook answered 200 to what the phone wrote."""
    read_at: float | None = None
    """When the company marked it as read."""

    @property
    def thread(self) -> Thread:
        return _thread(self.channel, self.customer, self.company)

    @property
    def state(self) -> str:
        return "seen" if self.seen_at else state_of(self.status)

    @property
    def arrived(self) -> bool:
        """Whether a company's message is on the phone; one never reported is there as well."""
        return self.state in {"delivered", "seen"} or self.final is None

    def row(self) -> dict[str, Any]:
        """What `GET /_sandbox/messages` shows of a send."""
        return {
            "time": wire_time(self.at),
            "at": self.at,
            "path": self.path,
            "channel": self.channel,
            "from": self.company,
            "to": self.customer,
            "body": self.body,
            "kind": self.kind,
            "text": self.text,
            "media_id": self.media_id,
            "message_id": self.message_id,
            "state": self.state,
            "site": self.site,
            "status": status(self.status),
            "error": error(self.error),
            "duplicates": self.duplicates,
        }


class Ledger:
    """Held in memory and written through: this process is the only one that writes."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._messages: list[Message] = []
        self._threads: dict[Thread, list[Message]] = defaultdict(list)
        self._by_id: dict[tuple[str, str, str], Message] = {}
        self._typing: dict[Thread, float] = {}
        for document in store.all(KIND):
            self._index(Message(**document))

    def record(self, message: Message) -> Message:
        message.number = self._store.next_number(KIND)
        self.save(message)
        self._index(message)
        return message

    def save(self, message: Message) -> None:
        self._store.put(KIND, str(message.number), asdict(message))

    def sent(self, channel: str = "", customer: str = "") -> list[Message]:
        return [
            message
            for message in self._messages
            if message.direction == "out"
            and channel in {"", message.channel}
            and (not customer or number_of(customer) == number_of(message.customer))
        ]

    def received(self, channel: str = "") -> list[Message]:
        return [
            message
            for message in self._messages
            if message.direction == "in" and channel in {"", message.channel}
        ]

    def thread(self, thread: Thread) -> list[Message]:
        """Return what one phone and one company wrote each other, its number hidden or not."""
        return list(self._threads.get(_thread(*thread), []))

    def with_number(self, number: int) -> Message | None:
        return next((m for m in reversed(self._messages) if m.number == number), None)

    def with_id(self, direction: str, channel: str, message_id: str) -> Message | None:
        """Return the first message with this id; WhatsApp may have taken several."""
        return self._by_id.get((direction, channel, message_id))

    def last_heard(self, thread: Thread) -> float:
        """When the customer last wrote, 0 for never."""
        return max((m.at for m in self.thread(thread) if m.direction == "in"), default=0)

    def note_typing(self, thread: Thread, until: float) -> None:
        self._typing[_thread(*thread)] = until

    def is_typing(self, thread: Thread) -> bool:
        return self._typing.get(_thread(*thread), 0) > now()

    def _index(self, message: Message) -> None:
        self._messages.append(message)
        self._threads[message.thread].append(message)
        self._by_id.setdefault((message.direction, message.channel, message.message_id), message)
        if message.direction == "out":
            self._typing.pop(message.thread, None)


def _thread(channel: str, customer: str, company: str) -> Thread:
    return (channel, number_of(customer), company)
