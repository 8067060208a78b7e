"""Who reports a request: the customer's Jira account, one made for them, or the app."""

import hmac
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

from django.conf import settings
from django.utils import timezone

from conversations.contracts import Promise
from conversations.errors import PermanentFailure, TemporaryFailure
from conversations.models import Conversation, Customer
from conversations.phone_numbers import display, mask
from conversations.services.accounts import remember_account
from jira_bridge.client import JiraClient
from jira_bridge.models import RequestDefaults
from jira_bridge.tokens import app_client
from jira_bridge.visibility import noticing
from tenants.context import current_site

# Making customers is a global permission: an admin who grants it does so rarely.
ASK_AGAIN = timedelta(hours=24)
# A customer without a Jira account is better than a customer without a request.
TRIES = 3
# The lease of an outbox entry has to do for all calls of a try.
ANSWER_SECONDS = 8.0
EXISTS = {"400", "409"}
REFUSED = "403"


def reporter_for(
    customer: Customer, *, number: str, service_desk_id: str, defaults: RequestDefaults, tried: int
) -> str:
    """Return the account id that a customer's request is raised for; "" for the app.

    Makes an account where operator, admin and Jira allow it. Raises TemporaryFailure when Jira
    gives no answer to that, in the first tries: the request is not begun then.
    """
    if customer.jira_account_id:
        return customer.jira_account_id
    if not _may_create(defaults):
        return ""
    client = replace(app_client(), read_timeout=ANSWER_SECONDS)
    try:
        account_id = _create(client, customer, name=_name(customer, number, defaults))
    except TemporaryFailure as failure:
        if tried >= TRIES:
            return ""
        # Not an UnknownOutcome: of the request, it is certain that there is none.
        raise TemporaryFailure(str(failure), retry_after=failure.retry_after) from failure
    if account_id:
        account_id = remember_account(customer.pk, account_id)
    if account_id:
        _admit(client, service_desk_id, account_id)
    return account_id


def set_reporter(promise: Promise) -> None:
    """Make the account that an agent has linked the reporter of the request."""
    conversation = Conversation.objects.select_related("customer").get(pk=promise.subject)
    account_id = conversation.customer.jira_account_id
    deleted = conversation.end_reason == Conversation.EndReason.DELETED
    if not account_id or not conversation.issue_id or deleted:
        return
    with noticing(conversation.issue_id, attempt=promise.attempt):
        app_client().edit_issue(conversation.issue_id, {"reporter": {"id": account_id}})


def address_of(customer: Customer) -> str:
    """Return the mail address of a customer's account: the same on every try, of nobody else.

    Nothing can be read out of it. The time makes it another one when ids begin anew, after the
    data of a site was erased.
    """
    made_at = customer.created_at.isoformat()
    identity = f"jira-customer:{current_site().cloud_id}:{customer.pk}:{made_at}"
    # Of the oldest key: the address must stay the same when a key is added in front.
    digest = hmac.new(settings.AUDIT_KEYS[-1].encode(), identity.encode(), sha256).hexdigest()
    return f"customer-{digest[:32]}@{settings.CUSTOMER_MAIL_DOMAIN}"


def _may_create(defaults: RequestDefaults) -> bool:
    refused_at = defaults.customers_refused_at
    rests = refused_at is not None and timezone.now() - refused_at < ASK_AGAIN
    return bool(settings.CUSTOMER_MAIL_DOMAIN) and defaults.create_customers and not rests


def _create(client: JiraClient, customer: Customer, *, name: str) -> str:
    address = address_of(customer)
    try:
        account_id = client.create_customer(name=name, email=address)
    except PermanentFailure as failure:
        if failure.code == REFUSED:
            _note_refusal(refused=True)
        return _known_by(client, address) if failure.code in EXISTS else ""
    _note_refusal(refused=False)
    return account_id


def _known_by(client: JiraClient, address: str) -> str:
    """Return the account that has an address, which Jira may hide; "" when none can be seen."""
    try:
        found = client.find_users(address, limit=2)
    except PermanentFailure:
        return ""
    shown = [str(user.get("emailAddress") or address).lower() for user in found]
    if shown != [address.lower()]:
        return ""
    return str(found[0].get("accountId") or "")


def _admit(client: JiraClient, service_desk_id: str, account_id: str) -> None:
    """Add a new customer to the service desk, which an open one does not need."""
    try:
        client.add_customers(service_desk_id, [account_id])
    except (PermanentFailure, TemporaryFailure):
        return


def _note_refusal(*, refused: bool) -> None:
    known = RequestDefaults.objects.all()
    if refused:
        known.update(customers_refused_at=timezone.now())
    else:
        known.exclude(customers_refused_at=None).update(customers_refused_at=None)


def _name(customer: Customer, number: str, defaults: RequestDefaults) -> str:
    shown = mask(number) if defaults.mask_number else display(number)
    return f"{customer.name} ({shown})" if customer.name else shown
