"""A WhatsApp account that may be another person's: in doubt, confirmed by an admin, told on."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from conversations import outbox, thread
from conversations.contracts import Channel, FailureKind, IdentityChange, SendState
from conversations.models import Address, AuditEvent, Customer, OutboxEntry
from conversations.services.identity import ask_to_confirm, standings, take_identity_change
from conversations.services.inbound import receive_message
from logins.roles import Role
from tenants.context import tenant_context
from tests.consoles import client_of, owners_client
from tests.conversations.concurrency import together
from tests.factories import AddressFactory, InboundMessageFactory, SenderFactory, SendFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("account")]

NUMBER = "385991903327"
SENDER = "385951006720"
OTHER_SENDER = "385951006721"
BUTTON = "Confirm: it is still this person"


@pytest.fixture
def message():
    SenderFactory(channel=Channel.WHATSAPP, number=SENDER)
    return write()


@pytest.fixture
def changed(message):
    """An address of whose account we have been told that it changed."""
    change()
    return message.address


def write(address=NUMBER):
    event = InboundMessageFactory(
        channel=Channel.WHATSAPP, address=address, sender_number=SENDER, text="Hello"
    )
    return receive_message(event)


def change(address=NUMBER):
    at = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
    return take_identity_change(IdentityChange(address, SENDER, at, "pQ9vGf3cK1M="))


def path(sender=SENDER, number=NUMBER):
    return f"/whatsapp/1/{sender}/contacts/{number}/identity"


def holds(infobip, *, acknowledged=False, created="2026-11-20T12:00:00.000+0000", **where):
    answer = {"acknowledged": acknowledged, "hash": "pQ9vGf3cK1M=", "createdAt": created}
    infobip.answer(200, answer, path=path(**where))


def confirm(address):
    assert ask_to_confirm(address) is True
    outbox.drain()


def standing():
    (found,) = standings(Customer.objects.get())
    return found


def puts(infobip):
    return [(one.path, one.json) for one in infobip.requests if one.method == "PUT"]


def page(customer, *, client=None):
    client = client or owners_client()
    return client.get(f"/admin/conversations/customer/{customer.pk}/change/").content.decode()


def press(address, *, client=None):
    customer = address.phone_number.customer_id
    address_of_button = f"/admin/conversations/customer/{customer}/confirm-identity/{address.pk}/"
    return (client or owners_client()).post(address_of_button, follow=True)


def test_customer_whose_account_did_not_change_is_in_no_doubt(message):
    assert standings(Customer.objects.get()) == []
    assert "The person behind the number" not in page(Customer.objects.get())


def test_page_says_that_the_account_changed(changed):
    text = page(Customer.objects.get())

    assert "The WhatsApp account behind +385 99 190 ••27 changed: known since" in text
    assert BUTTON in text
    assert "3327" not in text


def test_refused_message_says_so_too(message):
    SendFactory(
        message__conversation=message.conversation,
        message__channel=message.channel,
        message__sender=message.sender,
        message__address=message.address,
        state=SendState.FAILED,
        failure=FailureKind.IDENTITY_CHANGED,
    )

    assert standing().in_doubt is True


def test_change_named_by_another_variant_is_the_same_numbers(message):
    write("5215512345678")
    change("525512345678")

    customer = Customer.objects.get(phone_numbers__addresses__value="5215512345678")
    (found,) = standings(customer)
    assert found.address.value == "5215512345678"


def test_confirmation_is_told_to_each_sender(infobip, changed):
    SenderFactory(channel=Channel.WHATSAPP, number=OTHER_SENDER)
    for sender in (SENDER, OTHER_SENDER):
        holds(infobip, sender=sender)
        infobip.answer(204, path=path(sender))

    confirm(changed)

    told = {"hash": "pQ9vGf3cK1M="}
    assert puts(infobip) == [(path(SENDER), told), (path(OTHER_SENDER), told)]
    assert standing().in_doubt is False


def test_confirmation_stands_in_the_page_the_thread_and_the_log(infobip, changed, message):
    holds(infobip)
    infobip.answer(204, path=path())

    confirm(changed)

    assert "it was confirmed on" in page(Customer.objects.get())
    found = thread.newest(message.conversation, zone=ZoneInfo("UTC")).rows
    assert "An admin confirmed the new WhatsApp account" in [
        row.text for row in found if row.kind == "event"
    ]
    event = AuditEvent.objects.get(action="customer.identity-confirmed")
    assert "pQ9v" not in str(event.__dict__)
    assert NUMBER not in str(event.__dict__)


def test_account_that_is_confirmed_already_is_not_told_again(infobip, changed):
    holds(infobip, acknowledged=True)

    confirm(changed)

    assert (puts(infobip), standing().in_doubt) == ([], False)


def test_account_of_which_the_provider_holds_nothing_is_confirmed(infobip, changed):
    infobip.answer(404, path=path())

    confirm(changed)

    assert (puts(infobip), standing().in_doubt) == ([], False)


def test_account_that_is_gone_meanwhile_is_confirmed(infobip, changed):
    holds(infobip)
    infobip.answer(404, path=path())

    confirm(changed)

    assert standing().in_doubt is False


def test_conflict_is_tried_again(infobip, changed):
    holds(infobip)
    infobip.answer(409, path=path())

    confirm(changed)

    found = standing()
    assert (found.in_doubt, found.under_way) == (True, True)
    assert found.problem == "The account has changed meanwhile."
    assert "Being confirmed." in page(Customer.objects.get())


def test_account_that_changed_after_the_admin_looked_is_not_confirmed(infobip, changed):
    later = timezone.now() + timedelta(seconds=30)
    ask_to_confirm(changed)
    OutboxEntry.objects.update(created_at=timezone.now() - timedelta(microseconds=1))
    holds(infobip, created=later.isoformat())

    outbox.drain()

    assert puts(infobip) == []
    assert standing().problem.startswith("The account has changed again since.")


@pytest.mark.parametrize("status", [400, 401, 403])
def test_refusal_is_shown_and_can_be_tried_again(infobip, changed, status):
    infobip.answer(status, {"requestError": {"serviceException": {"text": "No"}}}, path=path())

    confirm(changed)

    found = standing()
    assert (found.in_doubt, found.under_way, found.problem) == (True, False, "No")
    assert "It was not confirmed: No" in page(Customer.objects.get())
    assert ask_to_confirm(changed) is True


def test_without_an_account_it_says_so(changed, account):
    account.delete()

    confirm(changed)

    assert standing().problem == "No provider account is connected."


def test_new_change_is_a_new_doubt(infobip, changed):
    infobip.answer(404, path=path())
    confirm(changed)

    change()

    found = standing()
    assert (found.in_doubt, found.under_way, found.problem) == (True, False, "")


def test_button_is_recorded_and_promises(changed):
    response = press(changed)

    assert "Infobip is being told." in response.content.decode()
    assert OutboxEntry.objects.get(topic="identity.confirm").subject == str(changed.pk)
    event = AuditEvent.objects.get(action="customer.identity-confirmation-asked")
    assert (event.actor, event.subject_id) == ("ana", str(changed.pk))


def test_button_without_doubt_promises_nothing(message):
    response = press(message.address)

    assert "There is nothing to confirm." in response.content.decode()
    assert OutboxEntry.objects.filter(topic="identity.confirm").exists() is False


def test_who_may_only_look_has_no_button(changed):
    client = client_of("iva", Role.AUDITOR)

    assert BUTTON not in page(Customer.objects.get(), client=client)
    assert press(changed, client=client).status_code == 403
    assert OutboxEntry.objects.filter(topic="identity.confirm").exists() is False


def test_who_may_change_customers_has_the_button(changed):
    client = client_of("iva", Role.CONFIGURATOR)

    assert BUTTON in page(Customer.objects.get(), client=client)
    assert press(changed, client=client).status_code == 200


def test_address_of_another_customer_is_not_found(changed):
    stranger = AddressFactory(channel=Channel.WHATSAPP).phone_number.customer_id
    address = f"/admin/conversations/customer/{stranger}/confirm-identity/{changed.pk}/"

    assert owners_client().post(address).status_code == 404


def test_button_is_no_link(changed):
    customer = changed.phone_number.customer_id
    address = f"/admin/conversations/customer/{customer}/confirm-identity/{changed.pk}/"

    assert owners_client().get(address).status_code == 405


def test_change_on_one_site_is_no_doubt_on_another(changed, globex):
    with tenant_context(globex):
        there = AddressFactory(channel=Channel.WHATSAPP, phone_number__key=NUMBER)

        assert standings(there.phone_number.customer) == []


@pytest.mark.django_db(transaction=True)
def test_two_admins_at_once_promise_once(changed):
    address = Address.objects.select_related("phone_number").get()

    asked = together(*[lambda: ask_to_confirm(address)] * 4)

    assert sorted(asked) == [False, False, False, True]
    assert OutboxEntry.objects.filter(topic="identity.confirm").count() == 1
