"""What a site's admin should know about the provider: on top of the console's overview."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Max, Min, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from channels import subscriptions
from channels.models import ProviderAccount, WebhookRefusal
from channels.senders import REFUSED, WORKS, told
from conversations.admin.notices import Notice
from conversations.admin.senders import state_words
from conversations.contracts import Channel, FailureKind
from conversations.models import Message, Send, Sender
from conversations.moments import written

LATELY = timedelta(days=1)
# While Infobip still repeats what was refused a moment ago.
LONGEST_PAUSE = timedelta(hours=1)
TIME_TO_SET_UP = timedelta(minutes=15)
KEY_FAILURES = (FailureKind.KEY_REFUSED, FailureKind.KEY_LIMITED)
LOOK_BACK = 500  # of the newest messages: the console must not read them all
REFUSALS = {
    "signature-missing": gettext_lazy(
        "signature missing. An address was entered at Infobip by hand, for a number or the whole"
        " account: remove it there, so that the subscription counts, or remove the subscriptions"
        " here, so that no signature is asked for."
    ),
    "signature-wrong": gettext_lazy(
        "signature wrong. Renew the secret, and check the name of the signature's header."
    ),
    "too-large": gettext_lazy("the request was too large. Subscribe the webhook again."),
    "encoding": gettext_lazy("it was packed in a way that cannot be read."),
    "cut": gettext_lazy("it was cut on its way. Check the proxy in front of OmniChat."),
    "no-length": gettext_lazy("its length was not said. Check the proxy in front of OmniChat."),
}


def current() -> Iterator[Notice]:
    """Yield what is the matter with the current site's provider."""
    account = ProviderAccount.objects.connected()
    if account is None:
        yield Notice(
            "error",
            _("No provider account is connected"),
            _("Nothing can be sent. Enter the base URL and the API key of your Infobip account."),
            _page(),
            is_step=True,
        )
        return
    yield from _key(account)
    yield from _refused_sends(account)
    yield from _credit(account)
    yield from _webhook(account)
    yield from _refused_requests(account)
    yield from _senders()


def _key(account: ProviderAccount) -> Iterator[Notice]:
    result = account.test_result
    if result.get("outcome") == REFUSED:
        yield Notice("error", _("The provider refuses the key"), told(result), _page())
    elif result.get("lacking"):
        text = _("It lacks %(rights)s. The page says what for.")
        rights = ", ".join(result["lacking"])
        yield Notice(
            "warning", _("The key may not do everything"), text % {"rights": rights}, _page()
        )


def _refused_sends(account: ProviderAccount) -> Iterator[Notice]:
    """What a test of the key may not show: a key that reads well need not be one that sends."""
    for channel in Channel:
        refused = last_refused_for_the_key(account, channel)
        if refused is None:
            continue
        said = {"channel": channel.label, "time": written(_refused_since(account, refused))}
        if refused.failure == FailureKind.KEY_REFUSED:
            title = _("The provider refuses the key for %(channel)s")
            text = _("Nothing was sent since %(time)s. Enter a key that is valid, and test it.")
        else:
            title = _("The key may not send %(channel)s")
            text = _("Nothing was sent since %(time)s. Allow it in Infobip's portal, then resend.")
        yield Notice("error", title % said, text % said, _page())


def _credit(account: ProviderAccount) -> Iterator[Notice]:
    if since := without_credit_since(account):
        text = _(
            "Since %(time)s messages fail for want of it. Top the account up in Infobip's portal,"
            " then resend what failed. This notice goes when a message has left."
        )
        title = _("The provider account has no credit")
        yield Notice("error", title, text % {"time": written(since)}, _page())


def last_refused_for_the_key(account: ProviderAccount, channel: Channel) -> Send | None:
    """Return the newest send that the key was refused for, unless the key proved good since."""
    sends = _newest_sends(account).filter(channel=channel)
    refused = sends.filter(failure__in=KEY_FAILURES).order_by("-created_at").first()
    if refused is None or sends.filter(sent_at__gt=refused.created_at).exists():
        return None
    if refused.failure == FailureKind.KEY_REFUSED and _worked_since(account, refused):
        return None
    return refused


def without_credit_since(account: ProviderAccount) -> datetime | None:
    """Return since when all is refused for want of credit; None once something has left."""
    sends = _newest_sends(account)
    unpaid = sends.filter(failure=FailureKind.NO_CREDIT)
    left = sends.exclude(failure=FailureKind.NO_CREDIT).aggregate(last=Max("sent_at"))["last"]
    if left is not None:
        unpaid = unpaid.filter(created_at__gt=left)
    first: datetime | None = unpaid.aggregate(first=Min("created_at"))["first"]
    return first


def _newest_sends(account: ProviderAccount) -> QuerySet[Send]:
    """Return what was tried lately, with the key that is in use."""
    newest = Message.objects.filter(direction=Message.Direction.OUT).order_by("-pk")[:LOOK_BACK]
    sends = Send.objects.filter(message__in=newest.values("pk"))
    if account.key_set_at is not None:
        sends = sends.filter(created_at__gt=account.key_set_at)
    return sends


def _refused_since(account: ProviderAccount, refused: Send) -> datetime:
    """Return the first of the refusals of which this is the last."""
    sends = _newest_sends(account).filter(channel=refused.channel)
    alike = sends.filter(failure=refused.failure)
    left = sends.aggregate(last=Max("sent_at"))["last"]
    if left is not None:
        alike = alike.filter(created_at__gt=left)
    return alike.aggregate(first=Min("created_at"))["first"] or refused.created_at


def _worked_since(account: ProviderAccount, refused: Send) -> bool:
    """Whether a test has found the key good since: a key that is no key would fail it too."""
    tested = account.tested_at is not None and account.tested_at > refused.created_at
    return tested and account.test_result.get("outcome") == WORKS


def was_just_set_up(account: ProviderAccount) -> bool:
    """Whether nobody can expect a call of the webhook yet."""
    steps = [at for at in (account.key_set_at, account.subscribed_at) if at is not None]
    return bool(steps) and max(steps) > timezone.now() - TIME_TO_SET_UP


def _webhook(account: ProviderAccount) -> Iterator[Notice]:
    if account.heard_at is None and not was_just_set_up(account):
        yield Notice(
            "error",
            _("The webhook was never called"),
            _("No customer's message arrives. Subscribe the webhook, then send a test message."),
            _page(),
        )
    elif subscriptions.is_outdated(account):
        yield Notice(
            "error",
            _("The webhook's subscription is out of date"),
            _("The senders or the address have changed since. Subscribe the webhook again."),
            _page(),
        )


def _refused_requests(account: ProviderAccount) -> Iterator[Notice]:
    now = timezone.now()
    for refusal in WebhookRefusal.objects.filter(last_at__gt=now - LATELY).order_by("-last_at"):
        if account.heard_at and refusal.last_at < min(account.heard_at, now - LONGEST_PAUSE):
            continue  # others arrive, and this one is not repeated any more
        title = ngettext(
            "%(count)s request to the webhook was refused",
            "%(count)s requests to the webhook were refused",
            refusal.count,
        )
        text = _("The last on %(time)s: %(reason)s Infobip tries again for 41 hours.")
        said = {
            "time": written(refusal.last_at),
            "reason": REFUSALS.get(refusal.reason, f"{refusal.reason}."),
        }
        yield Notice("error", title % {"count": refusal.count}, text % said, _page())


def _senders() -> Iterator[Notice]:
    for sender in Sender.objects.working():
        trouble = trouble_with(sender)
        if trouble:
            page = reverse("admin:conversations_sender_change", args=[sender.pk])
            yield Notice("warning" if sender.is_fit else "error", str(sender), trouble, page)


def trouble_with(sender: Sender) -> str:
    """Say what is wrong with a sender and what to do; "" when nothing is known to be."""
    if sender.provider_state == Sender.NOT_IN_ACCOUNT and sender.channel == Channel.WHATSAPP:
        return _(
            "The Infobip account has no such WhatsApp sender. Only your Infobip account manager can"
            " activate a number for WhatsApp."
        )
    if sender.provider_state == Sender.NOT_IN_ACCOUNT:
        return _(
            "The Infobip account does not list this number. Ask your Infobip account manager to"
            " register it, or remove it here."
        )
    if not sender.is_fit:
        text = _("WhatsApp says of this sender: %(state)s. Ask your Infobip account manager.")
        return text % {"state": state_words(sender)}
    if sender.quality == "low":
        return _(
            "WhatsApp rates this sender's quality low: people block or report it. Send fewer"
            " templates, or WhatsApp will limit it."
        )
    return ""


def _page() -> str:
    return reverse("admin:channels_provideraccount_changelist")
