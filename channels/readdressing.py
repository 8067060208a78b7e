"""A new webhook address that somebody outside of the site asks for; the provider is told later."""

from django.db import transaction

from channels import subscriptions
from channels.models import ProviderAccount
from channels.webhook_address import replace_webhook_url
from conversations import audit, outbox
from conversations.contracts import Promise
from conversations.errors import TemporaryFailure

TOPIC = "webhook.readdress"
ACTOR = "operator"


@transaction.atomic
def replace_and_readdress() -> None:
    """Issue a new address for the current site, and promise to tell a provider that posts to it.

    One that was entered at the provider by hand stays there: that is its admins' to change.
    """
    replace_webhook_url()
    account = ProviderAccount.objects.connected()
    if account is not None and account.subscriptions:
        outbox.promise_once(TOPIC)
    audit.record(
        "settings.changed",
        actor_kind=audit.Actor.SYSTEM,
        actor=ACTOR,
        change="changed",
        fields={"webhook_url": "changed"},
    )


def readdress(_promise: Promise) -> None:
    """Have what is subscribed use the newest address: the outbox's handler.

    Raises TemporaryFailure.
    """
    account = ProviderAccount.objects.connected()
    if account is None or not account.subscriptions:
        return
    step = subscriptions.readdress(account)
    if step.problem:
        raise TemporaryFailure(f"{step.name}: {step.problem}")
