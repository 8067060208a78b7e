"""Keeping the promise to confirm that a changed WhatsApp account is still the same person's."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, cast

from django.utils.translation import gettext as _

from channels.models import ProviderAccount
from channels.provider import provider_for
from conversations.contracts import Channel, Promise
from conversations.errors import PermanentFailure
from conversations.models import Address, Sender
from conversations.services.identity import note_confirmed, standing_of


@dataclass(frozen=True)
class Identity:
    """What a provider calls the account behind a number, and whether it sends to it."""

    name: str
    confirmed: bool
    since: datetime | None


class IdentityProvider(Protocol):
    """A channel of a provider whose customers may become others; both raise as sending does."""

    def identity_of(
        self, account: ProviderAccount, sender_number: str, address: str
    ) -> Identity | None:
        """Return the account behind a number; None when nothing is known to have changed."""

    def confirm_identity(
        self, account: ProviderAccount, sender_number: str, address: str, identity: Identity
    ) -> None:
        """Send to this account from now on; one that has changed again is a TemporaryFailure."""


def confirm(promise: Promise) -> None:
    """Confirm the account behind a number to each of our senders: the outbox's handler.

    Raises TemporaryFailure or PermanentFailure.
    """
    address = Address.objects.select_related("phone_number").filter(pk=promise.subject).first()
    if address is None:
        return
    standing = standing_of(address.phone_number)
    if standing is None or not standing.in_doubt:
        return
    account = ProviderAccount.objects.connected()
    if account is None:
        raise PermanentFailure(_("No provider account is connected."))
    written = address.phone_number.addresses.filter(channel=Channel.WHATSAPP)
    for sender in Sender.objects.working().filter(channel=Channel.WHATSAPP):
        for value in written.values_list("value", flat=True):
            _confirm(account, sender, value, promise)
    note_confirmed(address)


def _confirm(account: ProviderAccount, sender: Sender, value: str, promise: Promise) -> None:
    provider = cast("IdentityProvider", provider_for(Channel.WHATSAPP))
    identity = provider.identity_of(account, sender.number, value)
    if identity is None or identity.confirmed:
        return
    if identity.since is not None and identity.since > promise.promised_at:
        raise PermanentFailure(
            _("The account has changed again since. Make sure of the person, then confirm again.")
        )
    provider.confirm_identity(account, sender.number, value, identity)
