"""Keeping the templates of a site as its provider has them: the outbox's handler, and who asks."""

from datetime import timedelta

from django.utils import timezone

from channels.models import ProviderAccount
from channels.provider_account import KEYS_OWN_TROUBLE, template_provider
from conversations import outbox
from conversations.contracts import Channel, Promise
from conversations.errors import PermanentFailure, TemporaryFailure
from conversations.models import Sender
from conversations.services.template_lists import Taken, take_list

TOPIC = "templates.sync"
# Events come in flocks: one list shows them all.
SETTLING = timedelta(seconds=5)


def ask_for_sync(*, within: timedelta = SETTLING) -> None:
    """Have the templates listed soon; a list that is still ahead of us is enough."""
    outbox.promise_once(TOPIC, within=within)


def sync(_promise: Promise) -> None:
    """List the templates of every sender; one that cannot be listed keeps no other from it."""
    account = ProviderAccount.objects.connected()
    if account is None:
        return
    failures: list[TemporaryFailure | PermanentFailure] = []
    for sender in senders_with_templates():
        try:
            sync_sender(account, sender)
        except TemporaryFailure as failure:
            failures.append(failure)
        except PermanentFailure as failure:
            if failure.code not in KEYS_OWN_TROUBLE:
                failures.append(failure)
    if failures:
        # What may pass is tried again, and then all of it.
        raise min(failures, key=lambda each: isinstance(each, PermanentFailure))


def sync_sender(account: ProviderAccount, sender: Sender) -> Taken:
    """List the templates of one sender now. Raises TemporaryFailure or PermanentFailure."""
    asked_at = timezone.now()
    listing = template_provider(sender.channel).list_templates(account, sender.number)
    return take_list(sender, listing.templates, asked_at=asked_at, complete=listing.complete)


def senders_with_templates() -> list[Sender]:
    return list(Sender.objects.working().filter(channel=Channel.WHATSAPP))
