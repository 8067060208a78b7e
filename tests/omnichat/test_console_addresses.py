"""What somebody may write into a console's addresses: nothing in them tells what is masked."""

import pytest

from conversations.models import AuditEvent
from logins.roles import Role
from tests.consoles import client_of
from tests.omnichat import console_world

pytestmark = pytest.mark.django_db

LISTS = "/admin/conversations/"


@pytest.mark.parametrize(
    "address",
    [
        f"inboxentry/?state__exact=all&body__contains={b'385991'.hex()}",
        "inboxentry/?state__exact=all&short_body__isnull=False",
        "customer/?name__regex=^Marko",
        "customer/?phone_numbers__key__startswith=385991",
        "conversation/?customer__phone_numbers__key__startswith=385991",
        "auditevent/?address_hash__startswith=a",
    ],
)
def test_list_is_narrowed_by_its_filters_alone(address):
    console_world.furnish(700_001)

    assert client_of("vera", Role.AUDITOR).get(LISTS + address).status_code == 400


@pytest.mark.parametrize(
    ("address", "status"),
    [
        (f"conversation/{'9' * 5000}/change/", 404),
        (f"inboxentry/dismiss/?entry={'9' * 5000}", 302),
        ("auditevent/?who=%00", 400),
        ("auditevent/export/csv/?who=%00", 400),
        ("inboxentry/?reason=%00", 400),
        ("inboxentry/dismiss/?reason=%00", 302),
    ],
)
def test_what_no_row_can_hold_is_refused(address, status):
    assert client_of("ana", Role.OWNER).get(LISTS + address).status_code == status


def test_export_writes_down_its_filters_and_nothing_else_of_its_address():
    client_of("ana", Role.OWNER).get(f"{LISTS}auditevent/export/csv/?channel=sms&p=%00&o=385991")

    exported = AuditEvent.objects.get(action="audit.exported")
    assert exported.detail["filters"] == {"channel": "sms"}


def test_entry_that_no_row_can_be_is_none():
    client = client_of("ana", Role.OWNER)

    retried = client.post(f"{LISTS}inboxentry/try-all-again/", {"entry": "9" * 5000})
    assert retried.status_code == 302


@pytest.mark.parametrize("page", ["change", "delete"])
def test_row_is_found_by_its_key_alone(page):
    console_world.furnish(700_001)
    address = f"{LISTS}cannedreply/700001/{page}/?_to_field="

    answers = [client_of("ana", Role.OWNER).get(address + field) for field in ("", "name")]

    assert [answer.status_code for answer in answers] == [200, 400]


@pytest.mark.parametrize("row", ["senderrule/add", "requestdefaults/700001/change"])
def test_type_that_no_row_can_hold_is_refused(row):
    console_world.furnish(700_001)
    posted = dict.fromkeys(("service_desk_id", "request_type_id", "request_type"), "1\x00")

    answer = client_of("ana", Role.OWNER).post(f"/admin/jira_bridge/{row}/", posted)

    assert (answer.status_code, "error" in answer.content.decode()) == (200, True)
