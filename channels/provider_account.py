"""What a provider's modules offer beside messages: templates, the account, subscriptions, blocks.

Plain modules, named in settings, that keep these protocols.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module
from typing import Protocol, cast, runtime_checkable

from django.conf import settings
from django.utils.functional import Promise as LazyText

from channels.models import ProviderAccount
from conversations.contracts import Channel
from conversations.errors import PermanentFailure
from conversations.services.template_lists import ProviderTemplate
from conversations.templates import Structure

# Codes by which a provider's module says that the key is refused, or may not do this.
KEY_REFUSED, KEY_LIMITED = "401", "403"
# What is asked every hour need not fail for these: the test of the key says it, once.
KEYS_OWN_TROUBLE = (KEY_REFUSED, KEY_LIMITED)


@dataclass(frozen=True)
class Listing:
    """What a provider lists of a sender; what a `complete` one does not name does not exist."""

    templates: list[ProviderTemplate]
    complete: bool


@dataclass(frozen=True)
class TemplateDraft:
    """A template as it is submitted for approval."""

    name: str
    language: str
    category: str
    structure: Structure


class TemplateRefused(PermanentFailure):
    """The provider does not take a template; `fields` says why, by the draft's own fields."""

    def __init__(self, reason: str, *, code: str, fields: dict[str, str]) -> None:
        super().__init__(reason, code=code)
        self.fields = fields


@runtime_checkable
class TemplateProvider(Protocol):
    """The templates of one channel of a provider; all raise as `ChannelProvider.send`."""

    def list_templates(self, account: ProviderAccount, sender_number: str) -> Listing: ...

    def create_template(
        self, account: ProviderAccount, sender_number: str, draft: TemplateDraft
    ) -> ProviderTemplate: ...

    def edit_template(
        self,
        account: ProviderAccount,
        sender_number: str,
        provider_id: str,
        draft: TemplateDraft,
    ) -> ProviderTemplate: ...

    def delete_template(self, account: ProviderAccount, sender_number: str, name: str) -> None:
        """Delete it in all languages."""


@dataclass(frozen=True)
class Right:
    """A scope that the key needs; without a `path` it cannot be tried without doing something."""

    scope: str
    purpose: str | LazyText
    path: str = ""
    one_row: str = "size"  # the parameter that asks for no more


@dataclass(frozen=True)
class Number:
    """One of an account's numbers, and the channels of ours that it has."""

    number: str
    channels: frozenset[Channel]


@dataclass(frozen=True)
class Health:
    """How a sender stands: words in lower case, "" where nothing is said."""

    quality: str
    state: str
    daily_limit: str


@runtime_checkable
class AccountProvider(Protocol):
    """What a provider says of an account; all raise TemporaryFailure or PermanentFailure.

    Of a PermanentFailure the codes UNAUTHORIZED (a refused key) and FORBIDDEN (one that lacks a
    right) are told apart.
    """

    UNAUTHORIZED: str
    FORBIDDEN: str
    RIGHTS: Sequence[Right]
    NUMBERS_SCOPE: str

    def check_key(self, account: ProviderAccount) -> None:
        """Have the key checked; one that may do too little is a good key all the same."""

    def is_lacking(self, account: ProviderAccount, right: Right) -> bool | None:
        """Whether the key lacks a right; None where that cannot be told."""

    def numbers(self, account: ProviderAccount) -> list[Number]:
        """Return the account's numbers."""

    def health(self, account: ProviderAccount, senders: Collection[str]) -> dict[str, Health]:
        """Return how WhatsApp senders stand; those that are not the account's are left out."""


@runtime_checkable
class SubscriptionProvider(Protocol):
    """What a provider posts to which address, signed how; all raise as `ChannelProvider.send`.

    NAMES are what it calls our channels, LABELS what people call all that can be subscribed;
    EXTRAS are what not every account has, by the channels whose senders they are for. BAD_REQUEST
    is the code of what an account may not be asked for.
    """

    NAMES: Mapping[str, str]
    LABELS: Mapping[str, str | LazyText]
    EXTRAS: Mapping[str, tuple[str, ...]]
    BAD_REQUEST: str

    def sign_with_hmac(self, account: ProviderAccount, auth_id: str, secret: str) -> None: ...

    def sign_with_basic(
        self, account: ProviderAccount, auth_id: str, username: str, secret: str
    ) -> None: ...

    def address(
        self, account: ProviderAccount, profile_id: str, url: str, *, auth_id: str
    ) -> None: ...

    def subscribe(
        self,
        account: ProviderAccount,
        channel: str,
        subscription_id: str,
        profile_id: str,
        *,
        senders: list[str],
    ) -> None: ...

    def unsubscribe(self, account: ProviderAccount, channel: str, subscription_id: str) -> None: ...

    def remove_profile(self, account: ProviderAccount, profile_id: str) -> None: ...

    def remove_security(self, account: ProviderAccount, auth_id: str) -> None: ...


@dataclass(frozen=True)
class Block:
    """A number that a provider sends nothing to; without sender or channel: whatever they are."""

    address: str
    sender_number: str
    channel: Channel | None
    since: datetime
    by_customer: bool
    properties: dict[str, str] = field(default_factory=dict)  # that the provider knows it by


@dataclass(frozen=True)
class BlocklistPage:
    blocks: list[Block]
    is_last: bool


@runtime_checkable
class BlocklistProvider(Protocol):
    """Whom a provider sends nothing to; all raise as `ChannelProvider.send`."""

    def blocklist_page(self, account: ProviderAccount, number: int) -> BlocklistPage:
        """Return a page of the list; the first is 0."""

    def blocks_of(self, account: ProviderAccount, address: str) -> list[Block]: ...

    def lift_blocks(self, account: ProviderAccount, blocks: list[Block]) -> None:
        """Take them off the list, and nothing else; those that are gone are gone."""


def template_provider(channel: str) -> TemplateProvider:
    """Return the module that lists and makes templates of a channel."""
    return cast("TemplateProvider", import_module(settings.TEMPLATE_PROVIDERS[channel]))


def account_provider(name: str) -> AccountProvider:
    """Return the module that knows what a provider's account may do and has."""
    return cast("AccountProvider", import_module(settings.ACCOUNT_PROVIDERS[name]))


def subscription_provider(name: str) -> SubscriptionProvider:
    """Return the module that has a provider post to our webhook."""
    return cast("SubscriptionProvider", import_module(settings.SUBSCRIPTION_PROVIDERS[name]))


def blocklist_provider(name: str) -> BlocklistProvider:
    """Return the module that asks for a provider's blocklist."""
    return cast("BlocklistProvider", import_module(settings.BLOCKLIST_PROVIDERS[name]))
