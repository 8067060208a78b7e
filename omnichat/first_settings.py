"""A site's first settings, as an operator or the sandbox gives them: applied once or again."""

from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from channels.models import ProviderAccount
from channels.templates import ask_for_sync
from channels.webhook_address import current_webhook_url, replace_webhook_url
from conversations import audit, outbox
from conversations.models import CannedReply, Sender
from jira_bridge.models import RequestDefaults
from jira_bridge.targets import ask_for_check, try_requests_again
from logins.models import Person
from logins.roles import Role, give_role

ACTOR = "setup_site"
REPLY_FIELDS = ("name", "language", "channel", "text", "tags")


@dataclass(frozen=True)
class Wishes:
    """What is wished for; what is empty stays as it is."""

    provider_url: str = ""
    provider_key: str = field(default="", repr=False)
    senders: dict[str, str] = field(default_factory=dict)
    service_desk_id: str = ""
    request_type_id: str = ""
    console_user: str = ""
    console_password: str = field(default="", repr=False)
    canned_replies: tuple[dict[str, Any], ...] = ()


@transaction.atomic
def apply(wishes: Wishes) -> str:
    """Fulfil the wishes in the current site and return its webhook URL.

    Raises ValidationError; then nothing has changed.
    """
    _connect_provider(wishes)
    for channel, number in wishes.senders.items():
        _add_sender(channel, number)
    _choose_request_type(wishes)
    _add_canned_replies(wishes)
    _admit_console_user(wishes)
    if not current_webhook_url():
        replace_webhook_url()
    if ProviderAccount.objects.connected() is not None:
        ask_for_sync()  # the hourly look may be an hour away
    return current_webhook_url()


def _connect_provider(wishes: Wishes) -> None:
    if not wishes.provider_url and not wishes.provider_key:
        return
    account = ProviderAccount.objects.first() or ProviderAccount(pk=1)
    before = (account.base_url, account.api_key)
    account.base_url = wishes.provider_url or account.base_url
    account.full_clean(exclude=["id"])
    if wishes.provider_key and wishes.provider_key != account.api_key:
        account.api_key = wishes.provider_key
        account.key_set_at = timezone.now()
        account.key_set_by = ACTOR
    if before == (account.base_url, account.api_key):
        return
    account.changed_at = timezone.now()
    account.save()
    key = "changed" if before[1] != account.api_key else "kept"
    _record(account, base_url={"before": before[0], "after": account.base_url}, api_key=key)
    outbox.hasten("message.deliver")
    outbox.hasten("file.fetch")


def _add_sender(channel: str, number: str) -> None:
    if not number:
        return
    sender, created = Sender.objects.get_or_create(channel=channel, number=number)
    if created:
        _record(sender, channel=channel, number=number)


def _choose_request_type(wishes: Wishes) -> None:
    wished = {
        name: value
        for name in ("service_desk_id", "request_type_id")
        if (value := getattr(wishes, name))
    }
    defaults = RequestDefaults.objects.current() or RequestDefaults(pk=1)
    before = {name: getattr(defaults, name) for name in wished}
    if before == wished:
        return
    for name, value in wished.items():
        setattr(defaults, name, value)
    defaults.full_clean(exclude=["id"])
    defaults.save()
    _record(
        defaults,
        **{name: {"before": before[name], "after": value} for name, value in wished.items()},
    )
    ask_for_check()
    try_requests_again()


def _add_canned_replies(wishes: Wishes) -> None:
    """Only to a site that has none: what an admin has changed or deleted is not brought back."""
    if CannedReply.objects.exists():
        return
    for wished in wishes.canned_replies:
        reply = CannedReply(**{name: wished[name] for name in REPLY_FIELDS if name in wished})
        reply.full_clean()
        reply.save()
        _record(reply, name=reply.name, language=reply.language, channel=reply.channel)


def _admit_console_user(wishes: Wishes) -> None:
    if not wishes.console_password:
        return
    user, created = User.objects.get_or_create(username=wishes.console_user)
    if not created and user.check_password(wishes.console_password):
        return
    user.set_password(wishes.console_password)
    user.is_active = True
    user.save()
    give_role(user, Role.OWNER)
    Person.objects.update_or_create(user=user, defaults={"role_from": Person.RoleFrom.HERE})
    audit.record("console.user-admitted", actor_kind=audit.Actor.SYSTEM, actor=ACTOR, subject=user)


def _record(subject: Any, **fields: object) -> None:
    audit.record(
        "settings.changed",
        actor_kind=audit.Actor.SYSTEM,
        actor=ACTOR,
        subject=subject,
        fields=fields,
    )
