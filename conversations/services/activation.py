"""What an agent may begin: a conversation on a request whose customer has not written."""

from dataclasses import dataclass
from typing import NoReturn

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from conversations import audit
from conversations.contracts import Agent, Channel
from conversations.errors import DomainError
from conversations.models import Address, Conversation, Customer, PhoneNumber, Sender
from conversations.nudges import ring
from conversations.phone_numbers import Address as Identity
from conversations.phone_numbers import identify, parse_typed
from conversations.reach import holder_of, numbers_of, why_ended, written_addresses
from conversations.services.accounts import link_reporter, unlink_reporter
from conversations.services.customers import address_of, key_of
from conversations.services.known_requests import promise_property, promise_refresh
from conversations.services.other_requests import ring_paused
from tenants.context import current_schema, current_site

State = Conversation.State


class ActivationRefused(DomainError):
    """`problems` says for each channel what is wrong with its number; under None, with the rest."""

    def __init__(self, problems: dict[Channel | None, str], *, code: str = "refused") -> None:
        super().__init__(" ".join(dict.fromkeys(problems.values())), code=code)
        self.problems = problems


@transaction.atomic
def activate(agent: Agent, *, numbers: dict[Channel, str], confirm: bool = False) -> Conversation:
    """Let the request have a conversation on these channels, with the customer of these numbers.

    Locks the customers. It is active, or paused while another request holds the customer's active
    one. A number that somebody wrote from stays as it is. No channel stops the conversation, if
    `confirm`. Called twice it does nothing more. Raises ActivationRefused; then nothing is stored.
    """
    if not agent.may_reply:
        _refuse(_("You can read this conversation but not change it."), code="read-only")
    if not current_site().licence_active:
        words = _("OmniChat is not active on this site. Ask your Jira admin to renew the licence.")
        _refuse(words, code="unlicensed")
    _lock_request(agent)
    plan = _locked_plan(agent, numbers)
    conversation = plan.conversation
    before = numbers_of(conversation) if conversation else {}
    if not plan.identities:
        return _stop(agent, conversation, confirm=confirm)
    _require_senders(plan)
    customer = _owner(plan)
    addresses = [_address(plan, customer, channel) for channel in plan.identities]
    if conversation is None:
        return _begin(agent, customer, addresses)
    return _change(agent, conversation, customer, addresses, before)


@dataclass(frozen=True)
class _Plan:
    """What is asked for and what it meets; `owners` are customers by the key of a number."""

    conversation: Conversation | None
    customer_id: int | None
    written: dict[Channel, Address]
    identities: dict[Channel, Identity]
    owners: dict[str, int]


def _lock_request(agent: Agent) -> None:
    """Of two agents who activate one request at once, the second finds what the first has made."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtext(%s), hashtext(%s))",
            (f"activate {current_schema()}", agent.issue_id),
        )


def _locked_plan(agent: Agent, numbers: dict[Channel, str]) -> _Plan:
    """Lock all customers whom the plan touches, and return it as it is then."""
    plan = _plan(agent, numbers)
    while True:
        mine = set() if plan.customer_id is None else {plan.customer_id}
        Customer.objects.lock(mine | set(plan.owners.values()))
        locked, plan = plan, _plan(agent, numbers)
        if locked == plan:
            return plan


def _plan(agent: Agent, numbers: dict[Channel, str]) -> _Plan:
    conversation = Conversation.objects.filter(issue_id=agent.issue_id).first()
    if conversation is not None and conversation.state == State.ENDED:
        _refuse(why_ended(conversation), code="conversation-ended")
    written = written_addresses(conversation) if conversation else {}
    identities = _identities(numbers, written)
    # In one order: two agents with the same two numbers wait for each other, but not both.
    keys = sorted(key_of(identity) for identity in identities.values())
    owners = dict(PhoneNumber.objects.filter(key__in=keys).values_list("key", "customer_id"))
    if keys and not owners and not written:
        number, _created = PhoneNumber.objects.claim(keys[0])
        owners[number.key] = number.customer_id
    return _Plan(
        conversation,
        conversation.customer_id if conversation else None,
        written,
        identities,
        owners,
    )


def _identities(
    numbers: dict[Channel, str], written: dict[Channel, Address]
) -> dict[Channel, Identity]:
    identities: dict[Channel, Identity] = {}
    problems: dict[Channel | None, str] = {}
    for channel, typed in numbers.items():
        try:
            if channel in written:
                identities[channel] = _same(typed, identify(written[channel].value))
            else:
                identities[channel] = parse_typed(typed)
        except DomainError as refused:
            problems[channel] = str(refused)
    if problems:
        raise ActivationRefused(problems, code="number")
    return identities


def _same(typed: str, known: Identity) -> Identity:
    if typed.strip() and identify(typed).key != known.key:
        raise DomainError(
            _("Messages were exchanged with the number before: it cannot be changed.")
        )
    return known


def _require_senders(plan: _Plan) -> None:
    """A channel that is chosen anew needs a number of ours that can write."""
    conversation = plan.conversation
    on = (conversation.channels or []) if conversation else []
    working = set(Sender.objects.working().values_list("channel", flat=True))
    lacking = [channel for channel in plan.identities if channel not in working | {*on}]
    words = _("None of your numbers can send %(channel)s. Ask an admin to add one.")
    problems: dict[Channel | None, str] = {
        channel: words % {"channel": channel.label}
        for channel in lacking
        if channel not in plan.written
    }
    if problems:
        raise ActivationRefused(problems, code="no-sender")


def _owner(plan: _Plan) -> Customer:
    """Return the one customer of all numbers; those of nobody become theirs."""
    keys = {channel: key_of(identity) for channel, identity in plan.identities.items()}
    if plan.written and plan.customer_id is not None:
        owner_id = plan.customer_id
        words = _("This number belongs to another customer. Enter one of this customer's.")
    else:
        owner_id = next(plan.owners[key] for key in keys.values() if key in plan.owners)
        words = _("This number and the other one belong to two customers. Enter those of one.")
    customer = Customer.objects.get(pk=owner_id)
    problems: dict[Channel | None, str] = {}
    for channel, key in keys.items():
        number, _created = PhoneNumber.objects.claim(key, customer=customer)
        if number.customer_id != customer.pk:
            problems[channel] = words
    if problems:
        raise ActivationRefused(problems, code="two-customers")
    return customer


def _address(plan: _Plan, customer: Customer, channel: Channel) -> Address:
    """Return where the number is reached on a channel: what wrote from there, if anything did."""
    identity = plan.identities[channel]
    number = PhoneNumber.objects.get(key=key_of(identity), customer=customer)
    known = list(number.addresses.order_by("-pk"))
    here = plan.written.get(channel) or next((a for a in known if a.channel == channel), None)
    # Where every way to a number was closed by its owner, a channel that is new is none either.
    closed = known and all(address.opted_out_at for address in known)
    here = here or (None if closed else address_of(identity, channel, [number.key]))
    if here is None or here.opted_out_at:
        words = _(
            "This number has opted out of %(channel)s. It can be used again when the customer"
            " writes START, or when an admin records their consent."
        )
        raise ActivationRefused({channel: words % {"channel": channel.label}}, code="opted-out")
    return here


def _begin(agent: Agent, customer: Customer, addresses: list[Address]) -> Conversation:
    active = customer.conversations.active().first()
    if active is not None and not active.issue_id:
        # It may be about to become the conversation of this very request.
        _refuse(
            _("A request is being opened for this customer. Try again in a moment."), code="opening"
        )
    conversation = Conversation(
        customer=customer,
        channel=addresses[0].channel,
        issue_id=agent.issue_id,
        issue_key=agent.issue_key,
        channels=_channels(addresses),
        state=State.PAUSED if active else State.ACTIVE,
    )
    try:
        with transaction.atomic():
            conversation.save()
    except IntegrityError:
        # It was another customer's first message that opened it: we knew of it before Jira told us.
        _refuse(_("This request has just got a customer. Reload the page."), code="opening")
    link_reporter(agent, customer)
    # Nobody has told us of this request before: it may be resolved.
    promise_refresh(conversation)
    _tell(agent, conversation, "conversation.activated", addresses[0].value)
    ring(conversation.pk, conversation.version, begun_on=agent.issue_id)
    return conversation


def _change(
    agent: Agent,
    conversation: Conversation,
    customer: Customer,
    addresses: list[Address],
    before: dict[Channel, Address],
) -> Conversation:
    channels = _channels(addresses)
    former = conversation.customer
    moved = former != customer
    renumbered = any(before.get(Channel(address.channel)) != address for address in addresses)
    begun = moved or conversation.channels == []
    if conversation.channels == channels and not moved and not renumbered:
        return conversation
    if moved:
        unlink_reporter(agent, former)
        link_reporter(agent, customer)
    conversation.customer = customer
    conversation.channels = channels
    if begun:
        state = State.PAUSED if holder_of(conversation) else State.ACTIVE
        if state != conversation.state:
            conversation.move_to(state, by=agent.account_id)
    action = "conversation.activated" if begun else "conversation.channels-changed"
    _tell(agent, conversation, action, addresses[0].value)
    if moved:
        ring_paused(former.pk)
    return conversation


def _stop(agent: Agent, conversation: Conversation | None, *, confirm: bool) -> Conversation:
    if conversation is None:
        _refuse(_("Choose a channel first."), code="no-channel")
    if conversation.channels == []:
        return conversation
    if not confirm:
        _refuse(_("This stops the conversation for this request."), code="confirm")
    conversation.channels = []
    if conversation.state == State.ACTIVE:
        conversation.move_to(State.PAUSED, by=agent.account_id)
    return _tell(agent, conversation, "conversation.channels-changed")


def _tell(agent: Agent, conversation: Conversation, action: str, address: str = "") -> Conversation:
    conversation.save(
        update_fields=["customer", "channels", "state", "state_changed_at", "state_changed_by"]
    )
    version = conversation.raise_version()
    audit.record(
        action,
        actor_kind=audit.Actor.AGENT,
        actor=agent.account_id,
        subject=conversation,
        conversation=conversation,
        address=address,
        channels=conversation.channels,
        state=conversation.state,
        version=version,
    )
    promise_property(conversation)
    ring(conversation.pk, version)
    ring_paused(conversation.customer_id, but=conversation.pk)
    return conversation


def _channels(addresses: list[Address]) -> list[str]:
    return [channel.value for channel in Channel if channel in {a.channel for a in addresses}]


def _refuse(words: str, *, code: str) -> NoReturn:
    raise ActivationRefused({None: words}, code=code)
