"""The console's customers: numbers are masked, found only as a whole, and shown when asked for."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from conversations.models import Address, AuditEvent, NumberDeletion, PhoneNumber
from conversations.phone_numbers import mask
from conversations.services.deletions import delete_number
from conversations.services.erasure import erase
from logins.roles import Role, give_role
from tests.consoles import client_of, owners_client
from tests.factories import AddressFactory, ConversationFactory, CustomerFactory

pytestmark = pytest.mark.django_db

LIST = "/admin/conversations/customer/"
NUMBER = "385991903327"


@pytest.fixture
def marko():
    address = AddressFactory(phone_number__key=NUMBER, phone_number__customer__name="Marko Horvat")
    AddressFactory(phone_number=address.phone_number, channel="whatsapp")
    return address.phone_number.customer


def page_of(customer, client=None):
    path = f"{LIST}{customer.pk}/change/"
    return (client or owners_client()).get(path).content.decode()


def found(**query):
    return list(owners_client().get(LIST, query).context["cl"].result_list)


def cells(customer):
    """Return what the list says of a customer, column by column."""
    page = owners_client().get(LIST)
    admin = page.context["cl"].model_admin
    (row,) = (each for each in page.context["cl"].result_list if each.pk == customer.pk)
    return [str(getattr(admin, name)(row)) for name in admin.list_display]


def test_number_is_masked_in_the_list_and_on_the_page(marko):
    client = owners_client()

    for path in (LIST, f"{LIST}{marko.pk}/change/"):
        page = client.get(path).content.decode()
        assert "+385 99 190 ••27" in page
        assert "3327" not in page


def test_customer_without_number_has_a_page(marko):
    Address.objects.all().delete()

    assert owners_client().get(f"{LIST}{marko.pk}/change/").status_code == 200


@pytest.mark.parametrize(
    "typed",
    ["horvat", NUMBER, "+385 99 190 3327", "00385991903327", "385-99-190.3327", "+385991903327"],
)
def test_customer_is_found_by_name_or_whole_number(marko, typed):
    AddressFactory()

    assert found(q=typed) == [marko]


@pytest.mark.parametrize("typed", ["+52 1 55 1234 5678", "52 55 1234 5678"])
def test_customer_is_found_by_any_variant_of_the_number(typed):
    address = AddressFactory(phone_number__key="525512345678", value="5215512345678")

    assert found(q=typed) == [address.phone_number.customer]


def test_customer_is_found_by_the_exact_user_id():
    address = AddressFactory(phone_number__key="user_id:HR.482913", value="HR.482913")

    assert found(q="HR.482913") == [address.phone_number.customer]
    assert found(q="HR.48291") == []


@pytest.mark.parametrize("typed", ["3327", "38599190", "385991903328", "0991903327", "99190332"])
def test_customer_is_not_found_by_another_or_part_of_the_number(marko, typed):
    assert found(q=typed) == []


@pytest.mark.parametrize("typed", ["%", "_", "\0", "'", "a" * 5000, "\ufeff", "🙂"])
def test_strange_searches_find_nobody_and_break_nothing(marko, typed):
    marko.name = ""
    marko.save()

    assert len(found(q=typed)) in {0, 1}


def test_list_names_numbers_consent_and_requests(marko):
    day = timezone.now() - timedelta(days=1)
    Address.objects.update(created_at=day)
    ConversationFactory(customer=marko, state="ended")
    ConversationFactory(customer=marko)

    assert cells(marko) == [
        "Marko Horvat",
        "+385 99 190 ••27",
        "+385 99 190 ••27",
        f'<span class="console-lozenge success">since {day.day} {day:%b}</span>',
        "2",
    ]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"opted_out_by": "customer"}, "opted out since 3 Nov 2025"),
        ({"opted_out_by": "admin"}, "deleted 3 Nov 2025"),
    ],
)
def test_list_says_since_when_a_customer_is_opted_out(marko, change, words):
    at = timezone.now().replace(year=2025, month=11, day=3)
    Address.objects.update(opted_out_at=at, **change)

    assert words in cells(marko)[3]


def test_list_says_which_channel_is_opted_out(marko):
    at = timezone.now().replace(year=2025, month=11, day=3)
    Address.objects.filter(channel="sms").update(opted_out_at=at, opted_out_by="customer")

    assert "opted out of SMS since 3 Nov 2025" in cells(marko)[3]


def test_filter_by_consent(marko):
    other = AddressFactory(opted_out_at=timezone.now(), opted_out_by="customer")
    gone = AddressFactory(opted_out_at=timezone.now(), opted_out_by="admin")
    erased = CustomerFactory(erased_at=timezone.now())

    customers = [each.phone_number.customer for each in (gone, other)]
    assert found(consent="given") == [marko]
    assert found(consent="opted-out") == customers
    assert found(consent="deleted") == customers[:1]
    assert found(consent="erased") == [erased]


def test_nobody_yet(inside_acme):
    page = owners_client().get(LIST).content.decode()

    assert "No customers yet. They appear after the first message." in page


def test_page_shows_requests_and_who_may_read_them_the_transcript(marko):
    conversation = ConversationFactory(customer=marko, issue_key="SUP-7")
    transcript = f"/admin/conversations/conversation/{conversation.pk}/change/"

    page = page_of(marko)
    assert "https://acme.atlassian.example/browse/SUP-7" in page
    assert transcript in page
    assert transcript not in page_of(marko, client_of("ivan", Role.CONFIGURATOR))


def test_page_shows_consent_and_proofs(marko):
    delete_number(marko.phone_numbers.get().pk, reason="asked", note="By letter", by="vera")

    page = page_of(marko)

    assert "by an admin" in page
    assert "Asked in another way" in page
    assert "By letter" in page
    assert "vera" in page


def test_deletion_of_a_number_and_its_user_id_is_told_once(marko):
    number = marko.phone_numbers.get()
    PhoneNumber.objects.create(customer=marko, key="user_id:HR.482913")
    delete_number(number.pk, reason="asked", note="By letter", by="vera")
    assert NumberDeletion.objects.filter(channel="whatsapp").count() == 2

    assert page_of(marko).count("By letter") == 2  # of SMS, and of WhatsApp


def test_proof_names_who_deleted_the_number(marko):
    User.objects.create(username="712020:vera", first_name="Vera", last_name="Gost")
    delete_number(marko.phone_numbers.get().pk, reason="asked", note="", by="712020:vera")

    page = page_of(marko)

    assert "Vera Gost" in page
    assert "712020" not in page


def test_number_is_revealed_for_five_minutes(marko, monkeypatch):
    client = owners_client()

    client.post(f"{LIST}{marko.pk}/reveal/")

    page = client.get(f"{LIST}{marko.pk}/change/")
    assert "+385 99 190 3327" in page.content.decode()
    assert 290 <= int(page.headers["Refresh"]) <= 300
    later = timezone.now() + timedelta(minutes=5, seconds=1)
    monkeypatch.setattr("conversations.admin.reveal.timezone.now", lambda: later)
    assert "3327" not in page_of(marko, client)


def test_number_is_masked_again_for_who_may_not_reveal_any_more(marko):
    client = owners_client()
    client.post(f"{LIST}{marko.pk}/reveal/")

    give_role(User.objects.get(username="ana"), Role.AUDITOR)

    assert "3327" not in page_of(marko, client)


def test_revealing_is_recorded_and_asked_for_by_post(marko):
    client = owners_client()

    assert client.get(f"{LIST}{marko.pk}/reveal/").status_code == 405
    client.post(f"{LIST}{marko.pk}/reveal/")

    event = AuditEvent.objects.get(action="number.revealed")
    assert (event.actor, event.subject_id) == ("ana", str(marko.pk))


def test_auditor_may_look_and_nothing_else(marko):
    client = client_of("mia", Role.AUDITOR)
    page = page_of(marko, client)
    number = marko.phone_numbers.get()

    assert "Reveal numbers" not in page
    assert "Delete number" not in page
    for path in (
        f"{marko.pk}/reveal/",
        f"{marko.pk}/erase/",
        f"{marko.pk}/merge/",
        f"{marko.pk}/numbers/{number.pk}/delete/",
        f"{marko.pk}/numbers/{number.pk}/consent/",
        "export/",
        "import/",
        "import/sample/",
    ):
        assert client.get(LIST + path).status_code == 403, path
        assert client.post(LIST + path).status_code == 403, path


def test_configurator_does_not_erase(marko):
    client = client_of("ivan", Role.CONFIGURATOR)

    assert "Erase person" not in page_of(marko, client)
    assert client.post(f"{LIST}{marko.pk}/erase/", {"sure": "on"}).status_code == 403


def test_customer_is_not_deleted(marko):
    client = owners_client()

    assert client.post(f"{LIST}{marko.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.post(f"{LIST}{marko.pk}/change/", {"name": "Ivo"}).status_code == 403


def test_erased_person_is_shown_as_such(marko):
    erase(marko.pk, by="ana")

    page = page_of(marko)

    assert "This person is being erased" in page
    assert NUMBER not in page
    assert "Marko" not in page
    assert cells(marko)[:3] == ["Erased person", "none", "none"]


def test_user_id_beside_a_number_is_masked_too(marko):
    PhoneNumber.objects.create(customer=marko, key="user_id:HR.482913")

    for page in (page_of(marko), owners_client().get(LIST).content.decode()):
        assert "482913" not in page
        assert mask("HR.482913") in page
