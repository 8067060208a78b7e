"""Keeping the promises to show customers what agents do: the outbox's handlers for such signs.

A sign is worth nothing later, and no message is lost with it: one that is refused is dropped.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Protocol, cast

from django.utils import timezone

from channels.models import ProviderAccount
from channels.pace import take_turn
from channels.provider import provider_for
from conversations.contracts import Promise
from conversations.errors import PermanentFailure
from conversations.models import Message
from tenants.context import current_site
from tenants.models import Site

READ_WITHIN = timedelta(hours=1)
TYPING_WITHIN = timedelta(seconds=20)
READ_PER_SECOND = 10.0  # that Infobip takes from an account


class PresenceProvider(Protocol):
    """A channel of a provider on which customers see what agents do."""

    def mark_read(self, account: ProviderAccount, sender_number: str, provider_id: str) -> None:
        """Show a message, and all before it, as read. Raises what sending raises."""

    def show_typing(self, account: ProviderAccount, sender_number: str, address: str) -> None:
        """Show for a moment that somebody is writing. Raises what sending raises."""


def mark_read(promise: Promise) -> None:
    """Show a customer that their message was read, within an hour or not at all."""

    def mark(provider: PresenceProvider, account: ProviderAccount, message: Message) -> None:
        take_turn(promise, "read-marks", per_second=READ_PER_SECOND)
        provider.mark_read(account, message.sender.number, message.provider_id)

    _show(promise, mark, within=READ_WITHIN)


def show_typing(promise: Promise) -> None:
    """Show a customer that somebody is writing, while it is so."""

    def show(provider: PresenceProvider, account: ProviderAccount, message: Message) -> None:
        provider.show_typing(account, message.sender.number, message.address.value)

    _show(promise, show, within=TYPING_WITHIN)


def _show(
    promise: Promise,
    show: Callable[[PresenceProvider, ProviderAccount, Message], None],
    *,
    within: timedelta,
) -> None:
    if timezone.now() - promise.promised_at >= within:
        return
    account = ProviderAccount.objects.connected()
    known = Message.objects.select_related("sender", "address").filter(pk=promise.subject)
    message = known.first()
    if account is None or message is None or not _may_be_shown(message):
        return
    provider = cast("PresenceProvider", provider_for(message.channel))
    try:
        show(provider, account, message)
    except PermanentFailure:
        return


def _may_be_shown(message: Message) -> bool:
    site = current_site()
    awake = site.state == Site.State.ACTIVE and site.licence_active
    return awake and message.address.opted_out_at is None
