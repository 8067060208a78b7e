"""Customers as a file in the console: out with everything, in with what was checked."""

import csv
from io import StringIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from conversations.models import AuditEvent, Customer
from conversations.services.deletions import delete_number
from tests.consoles import owners_client
from tests.factories import AddressFactory, ConversationFactory, CustomerFactory

pytestmark = pytest.mark.django_db

LIST = "/admin/conversations/customer/"
NUMBER = "385991903327"


def export():
    answer = owners_client().post(f"{LIST}export/")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(StringIO(text)))


def upload(content, name="customers.csv"):
    client = owners_client()
    file = SimpleUploadedFile(name, content, "text/csv")
    return client.post(f"{LIST}import/", {"file": file}, follow=True)


def test_export_tells_numbers_consent_and_requests():
    address = AddressFactory(phone_number__key=NUMBER, phone_number__customer__name="=1+1")
    ConversationFactory(customer=address.phone_number.customer)
    delete_number(address.phone_number_id, reason="stop", by="ana")
    CustomerFactory(erased_at="2026-11-03T10:00Z", name="")

    (row,) = export()

    assert (row["name"], row["number"], row["requests"]) == ("'=1+1", NUMBER, "1")
    assert (row["sms_consent"], row["whatsapp_consent"]) == ("no", "no")
    assert row["sms_since"] == row["customer_since"] != ""
    assert AuditEvent.objects.get(action="customers.exported").detail["count"] == 1


def test_export_reads_in_chunks(monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr("conversations.admin.customer_transfers.AT_ONCE", 10)
    AddressFactory.create_batch(35)

    assert len(export()) == 35


def test_export_is_asked_for_by_post():
    assert owners_client().get(f"{LIST}export/").status_code == 405
    assert not AuditEvent.objects.filter(action="customers.exported").exists()


def test_export_may_come_in_again():
    AddressFactory(phone_number__key=NUMBER, phone_number__customer__name="=1+1")
    content = b"".join(owners_client().post(f"{LIST}export/").streaming_content)

    page = upload(content)

    assert [str(each) for each in page.context["messages"]] == [
        "0 customers added. 0 changed. 1 unchanged."
    ]


def test_sample_can_be_imported():
    answer = owners_client().get(f"{LIST}import/sample/")

    page = upload(b"".join(answer.streaming_content))

    assert "2 customers added." in page.content.decode()


def test_import_is_recorded_with_counts():
    upload(f"number,name\n{NUMBER},Ana\n".encode())

    event = AuditEvent.objects.get(action="customers.imported")
    assert (event.actor, event.detail["rows"], event.detail["added"]) == ("ana", 1, 1)
    assert "Ana" not in str(event.detail)


def test_problems_are_listed_and_nothing_is_stored():
    page = upload(b"number,name\n385991903327,Ana\n0991903327,<b>Ivo</b>\n").content.decode()

    assert "Nothing was imported." in page
    assert (
        "Row 3: 0991903327 starts with 0. Write it with its country code, for instance"
        " 385991903327." in page
    )
    assert not Customer.objects.exists()


def test_problems_in_thousands_are_cut():
    lines = "\n".join(f"09919{number:05d}" for number in range(150))

    page = upload(f"number\n{lines}\n".encode()).content.decode()

    assert page.count("<li>Row ") == 100
    assert "And 50 more rows." in page


@pytest.mark.parametrize(
    "content",
    [
        b"\0" * 100,
        b"\xff\xfe" + b"n\0u\0m\0",
        b"number," * 5000,
        b"number\n" + b'"' * 300_000,
        b"number,name\n385991903327," + b"a" * 150_000,
        b"number\n" + b"9" * 150_000,
        b"x" * (10 * 1024 * 1024),
        b'number,name\n"385991903327\n',
        b"number;name\n385991903327;=cmd|' /C calc'!A0",
        "number\n\u0663\u0668\u0665\u0669\u0669\u0661".encode(),
        b"number,name\r385991903327,Ana\r",
        "number,name\n385991903327,\u202eAna".encode(),
    ],
)
def test_hostile_file_gets_a_page(content):
    assert upload(content).status_code == 200


def test_nothing_chosen_is_said():
    page = owners_client().post(f"{LIST}import/").content.decode()

    assert '<a href="#id_file">CSV file</a>: This field is required.' in page
    assert "<title>Error: Import" in page
