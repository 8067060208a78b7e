"""A file of customers: every row is checked, then all of them come in, or none."""

import pytest
from django.utils import timezone

from conversations.contracts import Channel
from conversations.models import Address, Conversation, Customer, NumberDeletion, PhoneNumber
from conversations.services import imported_refusals
from conversations.services.consent import has_opted_out
from conversations.services.customer_files import MOST_ROWS, FileRefused, read
from conversations.services.customer_import import Imported, ImportRefused, take_in
from conversations.services.deletions import delete_number
from conversations.services.erasure import erase
from tests.conversations.concurrency import together
from tests.factories import AddressFactory, ConversationFactory

pytestmark = pytest.mark.django_db
NUMBER = "385991903327"
HEAD = "name,number,sms_consent,whatsapp_consent"


def rows_of(*lines, head=HEAD):
    rows, problems = read("\n".join([head, *lines]).encode())
    assert problems == []
    return rows


def bring(*lines, **given):
    return take_in(rows_of(*lines, **given), by="ana")


def problems_of(*lines, head=HEAD):
    return [str(problem) for problem in read("\n".join([head, *lines]).encode())[1]]


@pytest.mark.parametrize(
    "content",
    [
        b"number,name\n385991903327,Ana\n",
        b"\xef\xbb\xbfName;Number\r\nAna;+385 99 190 3327\r\n",
        b'number,name\n"385-99-190-3327","Ana"',
        b"\n\nnumber,name\n"[2:] + b"\n,\n00385991903327,Ana,extra\n",
        b"phone,NUMBER , name\nx,'385991903327,Ana",
    ],
)
def test_files_of_many_programs_are_read(content):
    rows, problems = read(content)

    assert problems == []
    assert [(row.identity.key, row.name) for row in rows] == [(NUMBER, "Ana")]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "must name the columns"),
        (b"number,name\n", "has no customers"),
        (b"name\nAna\n", "must name the columns"),
        (b"number,number\n1,2\n", "“number” is there twice"),
        ("number,name\n1,Kovač".encode("cp1250"), "not CSV in UTF-8"),
        ("number,name\n1,Ana".encode("utf-16"), "not CSV in UTF-8"),
        (b"number,name\n385991903327,A\0na\n", "not CSV in UTF-8"),
        (b"x" * (2 * 1024 * 1024 + 1), "larger than 2 MB"),
        (b'number,name\n385991903327,"' + b"a" * 200_000, "cannot be read from line"),
        (b"number\n" + b"385991903327\n" * (MOST_ROWS + 1), "more than 5000 rows"),
    ],
)
def test_file_that_cannot_be_read_is_refused_in_words(content, words):
    with pytest.raises(FileRefused, match=words):
        read(content)


COUNTRY = "Write it with its country code, for instance 385991903327."
DIGITS = "is no phone number. Write digits only, for instance 385991903327."


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("Ana,0991903327,,", f"Row 2: 0991903327 starts with 0. {COUNTRY}"),
        ("Ana,call me,,", f"Row 2: “call me” {DIGITS}"),
        ("Ana,3.85992E+11,,", f"Row 2: “3.85992E+11” {DIGITS}"),
        ("Ana,,,", "Row 2: Enter the number with its country code, like +385 99 190 3327."),
        (f"Ana,{NUMBER},maybe,", "Row 2: “maybe” in sms_consent. Write yes, no or nothing."),
        (f"{'a' * 201},{NUMBER},,", "Row 2: The name has more than 200 characters. Shorten it."),
    ],
)
def test_row_that_cannot_be_taken_is_named(line, words):
    assert problems_of(line) == [words]


def test_same_number_twice_is_named():
    problems = problems_of(f"Ana,{NUMBER},,", "Ivo,+52 1 55 1234 5678,,", "Eva,525512345678,,")

    assert problems == ["Row 4: The same number as in row 3. Remove one of them."]


def test_customers_come_in():
    result = bring(f"Ana,{NUMBER},yes,no", "Ivo,385915550123,,")

    assert result == Imported(added=2)
    names = PhoneNumber.objects.order_by("key").values_list("key", "customer__name")
    assert list(names) == [("385915550123", "Ivo"), (NUMBER, "Ana")]
    assert [has_opted_out(NUMBER, channel) for channel in Channel] == [False, True]
    proof = NumberDeletion.objects.get()
    assert (proof.channel, proof.deleted_by, proof.reason) == ("whatsapp", "ana", "other")


def test_same_file_again_changes_nothing():
    lines = [f"Ana,{NUMBER},yes,no", "Ivo,385915550123,,yes"]
    bring(*lines)
    before = list(Address.objects.order_by("pk").values())

    assert bring(*lines) == Imported(unchanged=2)
    assert list(Address.objects.order_by("pk").values()) == before


def test_known_number_gets_a_name_only_if_it_has_none():
    named = AddressFactory(phone_number__key=NUMBER, phone_number__customer__name="Marko")
    nameless = AddressFactory(phone_number__key="385915550123")

    assert bring(f"Ana,{NUMBER},,", "Ivo,385915550123,,") == Imported(changed=1, unchanged=1)

    named.phone_number.customer.refresh_from_db()
    nameless.phone_number.customer.refresh_from_db()
    assert named.phone_number.customer.name == "Marko"
    assert nameless.phone_number.customer.name == "Ivo"


def test_formula_in_a_name_is_a_name():
    bring(f"=1+1,{NUMBER},,")

    assert Customer.objects.get().name == "=1+1"


def test_no_ends_the_conversation_of_who_cannot_be_reached_any_more():
    address = AddressFactory(phone_number__key=NUMBER)
    ConversationFactory(customer=address.phone_number.customer)

    assert bring(f",{NUMBER},no,") == Imported(changed=1)

    assert Conversation.objects.get().end_reason == "opted out"


def test_deleted_number_does_not_come_back():
    number = AddressFactory(phone_number__key=NUMBER).phone_number
    delete_number(number.pk, reason="stop", by="ana")

    with pytest.raises(ImportRefused) as refused:
        bring("Ivo,385915550123,yes,", f"Ana,{NUMBER},yes,")

    (problem,) = refused.value.problems
    assert str(problem).startswith("Row 3: This number was deleted.")
    assert Customer.objects.count() == 1


def test_erased_number_does_not_come_back_at_all():
    address = AddressFactory(phone_number__key=NUMBER)
    erase(address.phone_number.customer_id, by="ana")

    with pytest.raises(ImportRefused):
        bring(f"Ana,{NUMBER},,")

    assert not PhoneNumber.objects.filter(key=NUMBER).exists()


def test_who_has_said_stop_is_not_opted_in_by_a_file():
    AddressFactory(phone_number__key=NUMBER, opted_out_at=timezone.now(), opted_out_by="customer")

    with pytest.raises(ImportRefused) as refused:
        bring(f"Ana,{NUMBER},yes,")

    assert "opted out of SMS" in str(refused.value.problems[0])


@pytest.mark.django_db(transaction=True)
def test_two_who_import_the_same_file_add_it_once():
    lines = [f"Ana {n},38591555{n:04d},yes,no" for n in range(30)]

    results = together(lambda: bring(*lines), lambda: bring(*reversed(lines)))

    assert sorted(result.added for result in results) == [0, 30]
    assert Customer.objects.count() == PhoneNumber.objects.count() == 30


def test_large_file_costs_few_statements(django_assert_max_num_queries):
    rows = rows_of(*[f"Ana {n},38591{n:07d},yes,yes" for n in range(1, 1001)])

    with django_assert_max_num_queries(40):
        assert take_in(rows, by="ana").added == 1000


def test_more_open_conversations_than_there_is_time_for_are_refused_whole(monkeypatch):
    monkeypatch.setattr(imported_refusals, "MOST_WATCHED", 1)
    numbers = [f"38591555010{last}" for last in range(3)]
    for number in numbers[:2]:
        ConversationFactory(customer=AddressFactory(phone_number__key=number).phone_number.customer)

    with pytest.raises(FileRefused, match="in parts"):
        bring(*[f",{number},no,no" for number in numbers])
    assert not NumberDeletion.objects.exists()


def test_many_opt_outs_are_written_in_few_statements(django_assert_max_num_queries):
    rows = rows_of(*[f"Ana,38591{last:07d},no,no" for last in range(300)])

    with django_assert_max_num_queries(60):
        take_in(rows, by="ana")

    assert NumberDeletion.objects.count() == 600
