"""What a provider's modules offer: plain modules, named in settings, that keep these protocols."""

from collections.abc import Callable, Iterator
from enum import Enum
from importlib import import_module
from typing import Any, Protocol, cast, runtime_checkable

from django.conf import settings

from channels.models import ProviderAccount
from conversations.contracts import (
    ConsentChange,
    DeliveryReport,
    FailureKind,
    IdentityChange,
    InboundMessage,
    InboundReaction,
    OutgoingMessage,
    TemplateUpdate,
)
from conversations.inbox import Item

Event = (
    InboundMessage
    | InboundReaction
    | DeliveryReport
    | ConsentChange
    | IdentityChange
    | TemplateUpdate
)


class Trace(Enum):
    """What a provider's log says of a message id."""

    TAKEN = "taken"
    NOT_TAKEN = "not taken"
    NO_LOG = "no log exists"


@runtime_checkable
class ChannelProvider(Protocol):
    """One channel of a provider."""

    def send(self, account: ProviderAccount, message: OutgoingMessage) -> str:
        """Send, and return the provider's id of the message; a duplicate of our id counts as sent.

        Raises TemporaryFailure, UnknownOutcome or PermanentFailure.
        """

    def look_up(self, account: ProviderAccount, message_id: str) -> Trace:
        """Ask whether the provider has taken a message. Raises TemporaryFailure."""

    def failure_of(self, codes: str) -> FailureKind:
        """Return the reason that the codes of a failure name."""


@runtime_checkable
class WebhookProvider(Protocol):
    """What a provider posts to us."""

    def split(self, body: bytes) -> list[Item]:
        """Cut a request's body into items; never raises: what cannot be read is an item too."""

    def parse(self, item: Any, *, channel_of: Callable[[str], str | None]) -> Event | None:
        """Understand one item; None for those that mean nothing to us.

        `channel_of` says which channel a sender of ours is on. Raises NotUnderstood.
        """


@runtime_checkable
class MissedProvider(Protocol):
    """What a provider still has for us; both raise TemporaryFailure or PermanentFailure."""

    def inbox_pages(self, account: ProviderAccount) -> Iterator[bytes]:
        """Yield bodies as the webhook gets them. Each message is handed out once: store it."""

    def log_pages(self, account: ProviderAccount, message_ids: list[str]) -> Iterator[bytes]:
        """Yield bodies of reports that say how these messages stand."""


def provider_for(channel: str) -> ChannelProvider:
    """Return the module that sends on a channel."""
    return cast("ChannelProvider", import_module(settings.CHANNEL_PROVIDERS[channel]))


def webhook_provider(name: str) -> WebhookProvider:
    """Return the module that reads what a provider posts."""
    return cast("WebhookProvider", import_module(settings.WEBHOOK_PROVIDERS[name]))


def missed_provider(name: str) -> MissedProvider:
    """Return the module that knows what a provider has for us after an outage."""
    return cast("MissedProvider", import_module(settings.MISSED_PROVIDERS[name]))
