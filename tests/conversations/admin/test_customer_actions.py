"""What is done to customers in the console: asked first, done once, recorded, refused in words."""

import pytest
from django.test import Client

from conversations.models import Address, AuditEvent, Conversation, Customer, NumberDeletion
from conversations.services.deletions import delete_number
from logins.roles import Role
from tests.consoles import client_of, owners_client
from tests.factories import AddressFactory, ConversationFactory, CustomerFactory

pytestmark = pytest.mark.django_db

LIST = "/admin/conversations/customer/"
NUMBER = "385991903327"


@pytest.fixture
def marko():
    address = AddressFactory(phone_number__key=NUMBER, phone_number__customer__name="Marko Horvat")
    customer = address.phone_number.customer
    ConversationFactory(customer=customer, issue_key="SUP-101")
    return customer


@pytest.fixture
def number(marko):
    return marko.phone_numbers.get()


def path_to(number, verb):
    return f"{LIST}{number.customer_id}/numbers/{number.pk}/{verb}/"


def said(response):
    """Return what the next page tells of what was done."""
    return [str(message) for message in response.context["messages"]]


def test_deletion_is_asked_for_in_words(number):
    page = owners_client().get(path_to(number, "delete")).content.decode()

    for words in (
        "Delete +385 99 190 ••27?",
        "OmniChat stops messaging this number (opt-out).",
        "1 active conversation ends.",
        "Past messages stay in the requests.",
        "Asked by SMS or WhatsApp to stop",
        "Delete number",
    ):
        assert words in page
    assert "3327" not in page
    assert not NumberDeletion.objects.exists()


def test_fields_of_a_question_are_named_and_described(number):
    page = owners_client().get(path_to(number, "delete")).content.decode()

    assert '<label for="id_reason">Reason</label>' in page
    assert 'aria-describedby="id_note_helptext"' in page
    assert page.count('id="id_note_helptext"') == 1
    assert "Customers</a> &rsaquo; <a" in " ".join(page.split())


def test_channels_of_a_consent_are_one_group(number):
    delete_number(number.pk, reason="asked", note="", by="ana")

    page = owners_client().get(path_to(number, "consent")).content.decode()

    assert "<legend>Channels</legend>" in page
    assert page.count("<fieldset") == 1


def test_number_is_named_whole_where_it_was_revealed(number):
    client = owners_client()
    client.post(f"{LIST}{number.customer_id}/reveal/")

    assert "Delete +385 99 190 3327?" in client.get(path_to(number, "delete")).content.decode()


def test_number_is_deleted_and_that_is_recorded(number):
    client = owners_client()

    answer = client.post(path_to(number, "delete"), {"reason": "stop", "note": "So"}, follow=True)

    assert said(answer) == ["The number is deleted. Nothing is sent to it any more."]
    assert Conversation.objects.get().end_reason == "opted out"
    event = AuditEvent.objects.get(action="number.deleted")
    assert (event.actor, event.subject_id) == ("ana", str(number.customer_id))
    assert {"reason", "number", "ended", "source"} == set(event.detail)
    assert NUMBER not in str(event.detail)


def test_second_deletion_says_that_it_is_done(number):
    delete_number(number.pk, reason="stop", by="vera")

    answer = owners_client().post(path_to(number, "delete"), {"reason": "stop"}, follow=True)

    assert said(answer) == ["This number was deleted already."]
    assert not AuditEvent.objects.filter(action="number.deleted").exists()


@pytest.mark.parametrize("reason", ["", "erasure", "because"])
def test_deletion_needs_one_of_the_reasons(number, reason):
    answer = owners_client().post(path_to(number, "delete"), {"reason": reason, "note": "Kept"})

    assert answer.status_code == 200
    assert "Kept" in answer.content.decode()
    assert not NumberDeletion.objects.exists()


def test_number_of_somebody_else_is_not_there(number):
    other = CustomerFactory()

    path = f"{LIST}{other.pk}/numbers/{number.pk}/delete/"
    assert owners_client().post(path, {"reason": "stop"}).status_code == 404


def test_consent_is_recorded_for_the_chosen_channel(number):
    delete_number(number.pk, reason="stop", by="vera")

    owners_client().post(
        path_to(number, "consent"), {"channels": ["sms"], "because": "By telephone"}
    )

    assert Address.objects.get(opted_out_at=None).channel == "sms"
    assert NumberDeletion.objects.get(channel="sms").lifted_because == "By telephone"
    event = AuditEvent.objects.get(action="consent.recorded")
    assert event.detail["channels"] == ["sms"]
    assert "telephone" not in str(event.detail)


def test_page_names_whoever_recorded_a_consent(number, django_user_model):
    delete_number(number.pk, reason="stop", by="vera")
    client = owners_client()
    django_user_model.objects.filter(username="ana").update(first_name="Ana", last_name="Kovač")
    client.post(path_to(number, "consent"), {"channels": ["sms"], "because": "By telephone"})

    page = client.get(f"{LIST}{number.customer_id}/change/").content.decode()

    assert "recorded by Ana Kovač" in page


@pytest.mark.parametrize(
    "given", [{"channels": ["sms"], "because": " "}, {"because": "So"}, {"channels": ["fax"]}]
)
def test_consent_needs_a_channel_and_how_it_was_given(number, given):
    delete_number(number.pk, reason="stop", by="vera")

    assert owners_client().post(path_to(number, "consent"), given).status_code == 200
    assert not Address.objects.filter(opted_out_at=None).exists()


def test_person_is_erased_after_a_tick(marko):
    client = owners_client()
    path = f"{LIST}{marko.pk}/erase/"

    assert "Delete those in Jira." in client.get(path).content.decode()
    assert client.post(path, {}).status_code == 200
    assert Customer.objects.get().erased_at is None
    client.post(path, {"sure": "on"})

    assert Customer.objects.get().erased_at is not None
    assert AuditEvent.objects.get(action="customer.erased").actor == "ana"
    assert client.post(path, {"sure": "on"}).status_code == 404


@pytest.mark.parametrize("typed", ["+385 91 555 0123", "sup-202"])
def test_other_customer_is_found_by_number_or_request(marko, typed):
    other = AddressFactory(phone_number__key="385915550123").phone_number.customer
    ConversationFactory(customer=other, issue_key="SUP-202")

    answer = owners_client().post(f"{LIST}{marko.pk}/merge/", {"other": typed})

    assert answer.headers["Location"] == f"{LIST}{marko.pk}/merge/{other.pk}/"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("385915550199", "No customer has this number or request."),
        (NUMBER, "This is the same customer."),
        ("SUP-101", "This is the same customer."),
        ("3327", "No customer has this number or request."),
    ],
)
def test_other_customer_that_cannot_be_one_is_refused(marko, typed, words):
    page = owners_client().post(f"{LIST}{marko.pk}/merge/", {"other": typed}).content.decode()

    assert words in page
    assert typed in page


def test_both_are_shown_before_they_become_one(marko):
    other = AddressFactory(phone_number__key="385915550123").phone_number.customer
    Customer.objects.filter(pk=other.pk).update(name="M. Horvat")
    ConversationFactory(customer=other, issue_key="SUP-202")

    page = owners_client().get(f"{LIST}{marko.pk}/merge/{other.pk}/").content.decode()

    assert "Stays: Marko Horvat · +385 99 190 ••27 · 1 request" in page
    assert "Joins: M. Horvat · +385 91 555 ••23 · 1 request" in page
    assert "The name Marko Horvat stays, M. Horvat goes." in page
    assert "SUP-202 stays active, SUP-101 is paused." in page


def test_merging_keeps_consent_with_each_number(marko):
    other = AddressFactory(phone_number__key="385915550123").phone_number
    delete_number(other.pk, reason="stop", by="vera")

    owners_client().post(f"{LIST}{other.customer_id}/merge/{marko.pk}/")

    assert Customer.objects.get() == marko
    assert Address.objects.get(value=NUMBER).opted_out_at is None
    assert Address.objects.filter(value="385915550123", opted_out_at=None).count() == 0
    assert AuditEvent.objects.get(action="customer.merged").actor == "ana"


def test_customer_is_not_merged_with_nobody(marko):
    client = owners_client()

    assert client.post(f"{LIST}{marko.pk}/merge/{marko.pk}/").status_code == 404
    assert client.post(f"{LIST}{marko.pk}/merge/4711/").status_code == 404


def test_forged_post_is_refused(number):
    client = client_of("ana", Role.OWNER, enforce_csrf_checks=True)

    assert isinstance(client, Client)
    assert client.post(path_to(number, "delete"), {"reason": "stop"}).status_code == 403
    assert not NumberDeletion.objects.exists()
