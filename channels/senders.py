"""Testing a site's account: its key, what the key may do, and how each of its senders stands."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from channels.intake import SOURCE
from channels.models import ProviderAccount
from channels.provider_account import Health, Number, account_provider
from conversations.contracts import Channel, Promise
from conversations.errors import PermanentFailure, TemporaryFailure
from conversations.models import Sender

TOPIC = "senders.check"
WORKS = "works"
REFUSED = "refused"
UNREACHED = "unreached"
LONGEST_NUMBER = 24  # what the row of a sender holds

provider = account_provider(SOURCE)


def check_senders(_promise: Promise) -> None:
    """Look at the site's account: the outbox's handler. Raises TemporaryFailure."""
    account = ProviderAccount.objects.connected()
    if account is not None:
        _keep(account, _ask(account))


def test_account(account: ProviderAccount) -> dict[str, Any]:
    """Ask the provider about an account now, keep what it says and return it.

    Call outside any transaction.
    """
    try:
        result = _ask(account)
    except TemporaryFailure as failure:
        result = {"outcome": UNREACHED, "reason": str(failure)}
    _keep(account, result)
    return result


def told(result: Mapping[str, Any]) -> str:
    """Say what a test has found, in the reader's language."""
    outcome, said = result.get("outcome"), {"reason": result.get("reason", "")}
    if outcome == UNREACHED:
        text = _(
            "%(reason)s Nothing is known of the key yet. See that the base URL is written as in"
            " Infobip's portal, and test it again in a minute."
        )
        return text % said
    if outcome == REFUSED and result.get("code") == provider.UNAUTHORIZED:
        return _(
            "Infobip refuses the key (401). Copy it again, and look in Infobip's portal whether"
            " it has expired or is limited to other IP addresses."
        )
    if outcome == REFUSED:
        text = _("Infobip answered: %(reason)s (%(code)s). Check the base URL.")
        return text % (said | {"code": result.get("code", "")})
    count = result.get("count")
    if count is None:
        return _("The key works. It may not list your numbers: add them under Senders.")
    text = ngettext(
        "The key works. %(count)s sender found.", "The key works. %(count)s senders found.", count
    )
    return text % {"count": count}


def numbers(account: ProviderAccount) -> list[Number]:
    """Return the account's numbers that can be senders of ours.

    Raises TemporaryFailure or PermanentFailure.
    """
    return [one for one in provider.numbers(account) if len(one.number) <= LONGEST_NUMBER]


def _keep(account: ProviderAccount, result: dict[str, Any]) -> None:
    # Of a key or an address that was changed meanwhile it says nothing.
    same = ProviderAccount.objects.filter(pk=account.pk, base_url=account.base_url)
    same.filter(key_set_at=account.key_set_at).update(test_result=result, tested_at=timezone.now())


def _ask(account: ProviderAccount) -> dict[str, Any]:
    try:
        provider.check_key(account)
        rights = {right.scope: provider.is_lacking(account, right) for right in provider.RIGHTS}
        known = _allowed_numbers(account)
    except PermanentFailure as failure:
        return {"outcome": REFUSED, "reason": str(failure), "code": failure.code}
    rights[provider.NUMBERS_SCOPE] = known is None
    health = _health(account, known or [])
    _note_standing(known, health)
    found = _found(known or [], health or {})
    return {
        "outcome": WORKS,
        "count": None if known is None else len(found),
        "lacking": [scope for scope, lacking in rights.items() if lacking],
        "untried": [scope for scope, lacking in rights.items() if lacking is None],
        "senders": found,
    }


def _allowed_numbers(account: ProviderAccount) -> list[Number] | None:
    try:
        return numbers(account)
    except PermanentFailure as failure:
        if failure.code != provider.FORBIDDEN:
            raise
        return None


def _health(account: ProviderAccount, known: list[Number]) -> dict[str, Health] | None:
    """Ask of every number whether it is a WhatsApp sender: there is no list of those."""
    ours = Sender.objects.filter(channel=Channel.WHATSAPP).values_list("number", flat=True)
    asked = {number for number in [*ours, *(one.number for one in known)] if number.isdecimal()}
    if not asked:
        return {}
    try:
        return provider.health(account, asked)
    except PermanentFailure:
        return None  # what cannot be asked is not said to be missing


def _note_standing(known: list[Number] | None, health: dict[str, Health] | None) -> None:
    """Write to each sender of ours how it stands; names and unknown lists say nothing of one."""
    theirs = None if known is None else {one.number for one in known}
    for sender in Sender.objects.all():
        if sender.channel == Channel.WHATSAPP:
            if health is None:
                continue
            stands = health.get(sender.number, Health("", Sender.NOT_IN_ACCOUNT, ""))
        else:
            if theirs is None or not sender.number.isdecimal():
                continue
            listed = sender.number in theirs
            stands = Health("", Sender.CONNECTED if listed else Sender.NOT_IN_ACCOUNT, "")
        Sender.objects.filter(pk=sender.pk).update(
            quality=stands.quality,
            provider_state=stands.state,
            daily_limit=stands.daily_limit,
            checked_at=timezone.now(),
        )


def _found(known: list[Number], health: dict[str, Health]) -> list[dict[str, str]]:
    by_sms = [(Channel.SMS, one.number) for one in known if Channel.SMS in one.channels]
    listed = {one.number for one in known if Channel.WHATSAPP in one.channels}
    by_whatsapp = [(Channel.WHATSAPP, number) for number in sorted(listed | set(health))]
    return [
        {
            "channel": channel.value,
            "number": number,
            "quality": health[number].quality
            if channel is Channel.WHATSAPP and number in health
            else "",
        }
        for channel, number in [*by_sms, *by_whatsapp]
    ]
