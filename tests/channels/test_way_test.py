"""A test message: what proves the way there, what proves the way back, and what is no answer."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from channels import way_test
from channels.intake import take_in, take_in_report
from channels.models import WayTest
from conversations.errors import NotYetKnown
from conversations.models import Message
from tests.factories import SenderFactory

pytestmark = pytest.mark.django_db

PENDING = {"groupId": 1, "groupName": "PENDING", "id": 26, "name": "PENDING_ACCEPTED"}
DELIVERED = {"groupId": 3, "groupName": "DELIVERED", "id": 5, "name": "DELIVERED_TO_HANDSET"}
REFUSED = {"groupId": 5, "groupName": "REJECTED", "id": 12, "name": "REJECTED_X"}
CUSTOMER = "385991903327"


@pytest.fixture
def begun(infobip, account):
    infobip.answer(200, {"messages": [{"messageId": "taken-1", "status": PENDING}]}, path="/sms/3")
    return way_test.begin(account, SenderFactory(), CUSTOMER, begun_by="ana")


def report(reference, status=DELIVERED):
    return json.dumps({"messageId": str(reference), "status": status}).encode()


def answer(text, address=CUSTOMER, to="385951006719"):
    item = {"messageId": f"in-{text}", "from": address, "to": to, "text": text}
    return json.dumps(item).encode()


def again(test):
    test.refresh_from_db()
    return test


def test_message_leaves_with_its_code(infobip, begun):
    (message,) = infobip.requests[0].json["messages"]

    assert message["content"]["text"] == f"OmniChat test {begun.code}. Answer with {begun.code}."
    assert message["destinations"][0] == {"to": CUSTOMER, "messageId": str(begun.message_id)}
    assert again(begun).taken_at is not None
    assert (begun.provider_id, begun.refused, begun.begun_by) == ("taken-1", "", "ana")


def test_refusal_is_kept_in_words(infobip, account):
    infobip.answer(200, {"messages": [{"status": {**REFUSED, "description": "No credits"}}]})

    test = way_test.begin(account, SenderFactory(), CUSTOMER, begun_by="ana")

    reason = "The provider account has no credit left. Ask an admin to top it up."
    assert (again(test).refused, test.taken_at) == (reason, None)


def test_message_without_an_answer_may_still_be_reported(infobip, account):
    infobip.hang_up()

    test = way_test.begin(account, SenderFactory(), CUSTOMER, begun_by="ana")
    assert (again(test).refused, test.taken_at) == ("", None)
    take_in(report(test.message_id))

    assert again(test).taken_at is not None


@pytest.mark.parametrize("take", [take_in, take_in_report])
@pytest.mark.parametrize("named", ["message_id", "provider_id"])
def test_report_proves_the_way_there(begun, take, named):
    take(report(getattr(begun, named)))

    assert again(begun).delivered_at is not None


def test_failed_report_says_why(begun):
    take_in(report(begun.message_id, {**REFUSED, "id": 999, "description": "never heard of"}))

    assert (again(begun).refused, begun.delivered_at) == ("Never heard of", None)


def test_closed_window_on_whatsapp_says_what_to_do(infobip, account):
    sender = SenderFactory(channel="whatsapp", number="385951006720")
    infobip.answer(200, {"messageId": "taken-2", "status": PENDING})
    test = way_test.begin(account, sender, CUSTOMER, begun_by="ana")
    item = {"messageId": "taken-2", "status": {"groupName": "UNDELIVERABLE", "id": 9}}

    take_in(json.dumps({**item, "error": {"id": 7010, "name": "EC_NO_SESSION"}}).encode())

    assert f"Send the code {test.code} from this phone to 385951006720" in again(test).refused


def test_report_of_something_else_stays_unknown(begun):
    with pytest.raises(NotYetKnown):
        take_in(report("0b3e9d0c-35a4-4f0e-8d21-6f8e0d1c2b3a"))


@pytest.mark.parametrize("said", ["{}", " {} \n", "{}."])
def test_answer_with_the_code_opens_no_request(begun, said):
    take_in(answer(said.format(begun.code)))

    assert again(begun).answered_at is not None
    assert (begun.sender.heard_at is None, Message.objects.count()) == (False, 0)


def test_text_around_the_code_is_a_message(begun):
    take_in(answer(f"My code is {begun.code}"))

    assert (again(begun).answered_at, Message.objects.count()) == (None, 1)


def test_code_from_somebody_else_is_a_message(begun):
    take_in(answer(begun.code, address="385991903328"))

    assert (again(begun).answered_at, Message.objects.count()) == (None, 1)


def test_code_to_another_sender_is_a_message(begun):
    SenderFactory(number="385951006777")

    take_in(answer(begun.code, to="385951006777"))

    assert (again(begun).answered_at, Message.objects.count()) == (None, 1)


def test_code_after_an_hour_is_a_message(begun):
    WayTest.objects.update(begun_at=timezone.now() - timedelta(minutes=61))

    take_in(answer(begun.code))

    assert (again(begun).answered_at, Message.objects.count()) == (None, 1)
