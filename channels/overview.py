"""What the console's Overview says of the provider: steps to take, and how it does."""

from collections.abc import Iterator

from django.db.models import Max
from django.urls import reverse
from django.utils.translation import gettext as _

from channels import subscriptions
from channels.models import ProviderAccount, WayTest, WebhookRefusal
from channels.notices import (
    last_refused_for_the_key,
    trouble_with,
    was_just_set_up,
    without_credit_since,
)
from channels.senders import REFUSED, WORKS
from conversations.admin.checklist import Step
from conversations.admin.health import Health
from conversations.admin.queue_words import still_words
from conversations.contracts import Channel
from conversations.late_promises import standstill
from conversations.models import Sender
from conversations.moments import ago

VIEW_WAITING = "conversations.view_outboxentry"
CHANGE_ACCOUNT = "channels.change_provideraccount"
MOST_SENDERS = 20


def connect_provider() -> Step:
    account = ProviderAccount.objects.connected()
    return Step(
        _("Connect the provider account"),
        account is not None and account.test_result.get("outcome") == WORKS,
        _("Connect account") if account is None else _("Test account"),
        _account_page(),
        CHANGE_ACCOUNT,
    )


def add_sender() -> Step:
    """Done by a choice where the account has told its numbers, by hand where it has not."""
    account = ProviderAccount.objects.connected()
    found = account is not None and account.test_result.get("senders")
    by_hand = reverse("admin:conversations_sender_add")
    return Step(
        _("Add a sender"),
        Sender.objects.working().exists(),
        _("Add sender"),
        f"{_account_page()}#found-title" if found else by_hand,
        CHANGE_ACCOUNT if found else "conversations.add_sender",
    )


def deliver_test() -> Step:
    return Step(
        _("Deliver a test message"),
        WayTest.objects.exclude(delivered_at=None).exists(),
        _("Send test"),
        reverse("admin:test_message"),
        CHANGE_ACCOUNT,
    )


def health() -> Iterator[Health]:
    account = ProviderAccount.objects.connected()
    yield _provider(account)
    yield _webhook(account)
    senders = Sender.objects.working().order_by("pk")[:MOST_SENDERS]
    yield from (_sender(sender) for sender in senders)


def _provider(account: ProviderAccount | None) -> Health:
    name = _("Provider")
    if account is None:
        return Health(name, "bad", _("not connected"), _account_page(), CHANGE_ACCOUNT)
    outcome = account.test_result.get("outcome")
    if outcome == REFUSED or any(last_refused_for_the_key(account, each) for each in Channel):
        return Health(name, "bad", _("refuses the key"), _account_page(), CHANGE_ACCOUNT)
    if since := without_credit_since(account):
        text = _("has no credit, noticed %(ago)s") % {"ago": ago(since)}
        return Health(name, "bad", text, _account_page(), CHANGE_ACCOUNT)
    if late := standstill(("message.deliver",)):
        return Health(name, "bad", still_words(late), _waiting_page(), VIEW_WAITING)
    if outcome != WORKS or account.tested_at is None:
        return Health(name, "unknown", _("not tested yet"), _account_page(), CHANGE_ACCOUNT)
    return Health(name, "good", _("tested %(ago)s") % {"ago": ago(account.tested_at)})


def _webhook(account: ProviderAccount | None) -> Health:
    name = _("Webhook")
    if account is not None and subscriptions.is_outdated(account):
        return Health(name, "bad", _("subscription out of date"), _account_page(), CHANGE_ACCOUNT)
    if account and account.subscribed_at and not account.heard_at and was_just_set_up(account):
        test = reverse("admin:test_message")
        return Health(name, "unknown", _("subscribed, not called yet"), test, CHANGE_ACCOUNT)
    if account is None or account.heard_at is None:
        return Health(name, "bad", _("never called"), _account_page(), CHANGE_ACCOUNT)
    refused_at = WebhookRefusal.objects.aggregate(last=Max("last_at"))["last"]
    if refused_at is not None and refused_at > account.heard_at:
        text = _("calls are refused, the last %(ago)s") % {"ago": ago(refused_at)}
        return Health(name, "bad", text, _account_page(), CHANGE_ACCOUNT)
    return Health(name, "good", _("called %(ago)s") % {"ago": ago(account.heard_at)})


def _sender(sender: Sender) -> Health:
    trouble = trouble_with(sender)
    if trouble:
        page = reverse("admin:conversations_sender_change", args=[sender.pk])
        return Health(str(sender), "bad", trouble, page, "conversations.view_sender")
    if sender.heard_at is None:
        return Health(str(sender), "unknown", _("no message yet"))
    return Health(str(sender), "good", _("last message %(ago)s") % {"ago": ago(sender.heard_at)})


def _waiting_page() -> str:
    return f"{reverse('admin:conversations_outboxentry_changelist')}?state__exact=pending"


def _account_page() -> str:
    return reverse("admin:channels_provideraccount_changelist")
