"""Having the provider post everything to our webhook, signed, by one button.

All channels share one secret. It is asked for once the provider is known to send it for all of
them; while a new one replaces it, the one before stays valid for a week.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from secrets import token_urlsafe

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from channels import signatures
from channels.intake import SOURCE
from channels.models import ProviderAccount, WebhookSecret
from channels.provider_account import subscription_provider
from channels.webhook_address import OVERLAP, current_webhook_url, replace_webhook_url
from conversations.errors import PermanentFailure, TemporaryFailure
from conversations.models import Sender
from tenants.context import current_schema, current_site

USERNAME = "omnichat"

provider = subscription_provider(SOURCE)


@dataclass(frozen=True)
class Step:
    """One thing that was asked of the provider; `problem` says what to do where it failed."""

    name: str
    problem: str = ""
    optional: bool = False

    @property
    def failed(self) -> bool:
        return bool(self.problem) and not self.optional


def subscribe(account: ProviderAccount) -> list[Step]:
    """Subscribe the webhook, or renew what is subscribed, with a fresh secret.

    Call outside any transaction. A second try mends what the first one left undone.
    """
    with _alone(account) as alone:
        return _subscribe(account) if alone else [_busy()]


def readdress(account: ProviderAccount) -> Step:
    """Have what is subscribed use the newest address; call outside any transaction."""
    with _alone(account) as alone:
        if not alone:
            return _busy()
        step = _give_address(account, signed=bool(account.subscriptions.get("signature")))
        account.save(update_fields=["subscriptions"])
        return step


def unsubscribe(account: ProviderAccount) -> list[Step]:
    """Remove the subscriptions and ask for signatures no longer; call outside any transaction.

    Signatures go even where the provider cannot be asked: what it goes on posting is not lost.
    """
    with _alone(account) as alone:
        return _unsubscribe(account) if alone else [_busy()]


def is_outdated(account: ProviderAccount) -> bool:
    """Whether senders have come or gone, or the address is another, since it was subscribed."""
    done = account.subscriptions.get("senders", {})
    known = {name: numbers for name, numbers in done.items() if name not in provider.EXTRAS}
    address = _digest(current_webhook_url())
    given = account.subscriptions.get("address", address)
    return bool(known) and (known != _senders() or given != address)


def subscribed_senders() -> set[tuple[str, str]]:
    """Return channel and number of each sender whose messages the provider brings."""
    account = ProviderAccount.objects.connected()
    done = account.subscriptions.get("senders", {}) if account else {}
    return {(name.lower(), number) for name, numbers in done.items() for number in numbers}


def label_of(name: str) -> str:
    """Return what people call one of the things that are subscribed."""
    return str(provider.LABELS.get(name, name))


@contextmanager
def _alone(account: ProviderAccount) -> Iterator[bool]:
    """Whether nobody else changes the subscriptions now: of two secrets the wrong one might stay.

    What whoever was here before has noted with the account is read again.
    """
    lock = "(hashtext('subscribe'), hashtext(%s))"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_try_advisory_lock{lock}", [current_schema()])
        (taken,) = cursor.fetchone()
        try:
            if taken:
                account.refresh_from_db(fields=["subscriptions", "subscribed_at"])
            yield taken
        finally:
            if taken:
                cursor.execute(f"SELECT pg_advisory_unlock{lock}", [current_schema()])


def _busy() -> Step:
    return Step(
        _("Subscription"),
        _("Somebody else is just changing it. Reload this page in a minute, then try again."),
    )


def _subscribe(account: ProviderAccount) -> list[Step]:
    senders = _senders()
    if not senders:
        return [Step(_("Senders"), _("Add a sender first: only its messages are asked for."))]
    if not current_webhook_url():
        replace_webhook_url()
    asked_for = WebhookSecret.objects.valid().exists()
    step, fresh = _sign(account, asked_for=asked_for)
    steps = [step]
    if not step.failed:
        steps.append(_give_address(account, signed=fresh is not None))
    if not steps[-1].failed:
        steps += _subscribe_channels(account, senders)
    complete = not any(step.failed for step in steps)
    if fresh and (complete or asked_for) and not step.failed:
        _ask_for(fresh)
    account.subscribed_at = timezone.now() if complete else account.subscribed_at
    account.save(update_fields=["subscriptions", "subscribed_at"])
    return steps


def _unsubscribe(account: ProviderAccount) -> list[Step]:
    base = _base_id()
    steps = [
        _try(label_of(name), partial(provider.unsubscribe, account, name, _id_of(name)))
        for name in account.subscriptions.get("senders", {})
    ]
    if not any(step.failed for step in steps):
        steps.append(_try(_("Address"), partial(provider.remove_profile, account, base)))
        steps.append(_try(_("Signature"), partial(provider.remove_security, account, base)))
    WebhookSecret.objects.all().delete()
    signatures.forget()
    if not any(step.failed for step in steps):
        account.subscriptions, account.subscribed_at = {}, None
        account.save(update_fields=["subscriptions", "subscribed_at"])
    return steps


def _sign(account: ProviderAccount, *, asked_for: bool) -> tuple[Step, WebhookSecret | None]:
    """Give the provider a fresh secret: by HMAC, by Basic where that is refused, else none.

    A site that asks for signatures knows the secret before the provider does, and never goes back
    to none.
    """
    problem = ""
    for kind in (WebhookSecret.Kind.HMAC, WebhookSecret.Kind.BASIC):
        fresh = WebhookSecret(kind=kind, username=USERNAME, secret=token_urlsafe(32))
        if asked_for:
            fresh.save()
            signatures.forget()
        try:
            _give_secret(account, fresh)
        except PermanentFailure as failure:
            if asked_for:
                fresh.delete()
            problem = _problem(failure)
            if failure.code != provider.BAD_REQUEST:
                return Step(_("Signature"), problem), None
        except TemporaryFailure as failure:
            # Perhaps it is in use already: where signatures are asked for, both stay valid.
            return Step(_("Signature"), _problem(failure)), None
        else:
            account.subscriptions = {**account.subscriptions, "signature": kind.value}
            return Step(_("Signature")), fresh
    account.subscriptions = {**account.subscriptions, "signature": ""}
    return Step(_("Signature"), problem, optional=not asked_for), None


def _give_secret(account: ProviderAccount, secret: WebhookSecret) -> None:
    if secret.kind == WebhookSecret.Kind.HMAC:
        provider.sign_with_hmac(account, _base_id(), secret.secret)
    else:
        provider.sign_with_basic(account, _base_id(), secret.username, secret.secret)


def _give_address(account: ProviderAccount, *, signed: bool) -> Step:
    base, url = _base_id(), current_webhook_url()
    auth_id = base if signed else ""
    step = _try(_("Address"), partial(provider.address, account, base, url, auth_id=auth_id))
    if not step.problem:
        account.subscriptions = {**account.subscriptions, "address": _digest(url)}
    return step


def _subscribe_channels(account: ProviderAccount, senders: dict[str, list[str]]) -> list[Step]:
    base, done, steps = _base_id(), dict(account.subscriptions.get("senders", {})), []
    wanted = {**senders, **_extras(senders)}
    for name, numbers in wanted.items():
        step = _try(
            label_of(name),
            partial(provider.subscribe, account, name, _id_of(name), base, senders=numbers),
            optional=name in provider.EXTRAS,
        )
        steps.append(step)
        if not step.problem:
            done[name] = numbers
    for name in set(done) - set(wanted):
        step = _try(label_of(name), partial(provider.unsubscribe, account, name, _id_of(name)))
        steps.append(step)
        if not step.problem:
            del done[name]
    account.subscriptions = {**account.subscriptions, "senders": done}
    return steps


@transaction.atomic
def _ask_for(fresh: WebhookSecret) -> None:
    fresh.save()
    older = WebhookSecret.objects.exclude(pk=fresh.pk)
    older.filter(retires_at__lte=timezone.now()).delete()
    older.filter(retires_at=None).update(retires_at=timezone.now() + OVERLAP)
    signatures.forget()


def _senders() -> dict[str, list[str]]:
    """Return our numbers as the provider's subscriptions group them."""
    found: dict[str, list[str]] = {}
    for sender in Sender.objects.working().order_by("channel", "number"):
        found.setdefault(provider.NAMES[sender.channel], []).append(sender.number)
    return found


def _extras(senders: dict[str, list[str]]) -> dict[str, list[str]]:
    """Return what is worth a try beside the channels, each with the numbers that it is for."""
    found = {}
    for name, channels in provider.EXTRAS.items():
        groups = [senders.get(provider.NAMES[channel], []) for channel in channels]
        found[name] = sorted({number for numbers in groups for number in numbers})
    return {name: numbers for name, numbers in found.items() if numbers}


def _base_id() -> str:
    """Return what the site's things are called at the provider: the same for ever."""
    return f"omnichat-{_digest(current_site().cloud_id)}"


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:12]


def _id_of(name: str) -> str:
    return f"{_base_id()}-{name.lower()}"


def _try(name: str, act: Callable[[], None], *, optional: bool = False) -> Step:
    try:
        act()
    except (PermanentFailure, TemporaryFailure) as failure:
        return Step(name, _problem(failure), optional=optional)
    return Step(name)


def _problem(failure: PermanentFailure | TemporaryFailure) -> str:
    """Say what failed and what to do."""
    if isinstance(failure, TemporaryFailure):
        return _("%(reason)s Try again in a minute.") % {"reason": failure}
    said = {
        "401": _("Infobip refuses the key. Test it first."),
        "403": _(
            "The key lacks subscriptions:manage. Give it this right in Infobip's portal, or enter"
            " the webhook address there by hand."
        ),
        "409": _(
            "Another subscription at Infobip has these senders. Remove it in Infobip's portal,"
            " then try again."
        ),
    }
    answer = _("Infobip answered: %(reason)s (%(code)s). Enter the webhook address there by hand.")
    return said.get(failure.code) or answer % {"reason": failure, "code": failure.code}
