"""Places, contacts, buttons and lists: stored as they are sent, refused where Infobip would."""

from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
from django.utils import timezone

from conversations.contracts import Channel, MessageKind
from conversations.errors import DomainError, NotFound, SendingRefused
from conversations.models import Message, OutboxEntry
from conversations.phone_numbers import NumberRefused
from conversations.services.rich_replies import (
    Row,
    Section,
    send_contact,
    send_location,
    send_reply_buttons,
    send_reply_list,
)
from tests.conversations.concurrency import together
from tests.factories import AgentFactory, MessageFactory

WRITERS = 8
ROW = [Section([Row("One")])]
LOCATION = partial(send_location, latitude=45.8, longitude=15.97)
CONTACT = partial(send_contact, name="Ana Kovač", phones=["+385 91 234 5678"])
BUTTONS = partial(send_reply_buttons, text="Which day?", buttons=["Today", "Tomorrow"])
LIST = partial(send_reply_list, text="Which day?", button="Days", sections=ROW)
each_kind = pytest.mark.parametrize("send", [LOCATION, CONTACT, BUTTONS, LIST])

pytestmark = pytest.mark.django_db


@pytest.fixture
def question(inside_acme):
    return MessageFactory(
        conversation__issue_id="10101",
        channel=Channel.WHATSAPP,
        sender__number="385951006720",
        provider_id="wamid.1=",
    )


def where(question):
    return {
        "client_id": uuid4(),
        "sender_id": question.sender_id,
        "address_id": question.address_id,
    }


def sent(question, send, **values):
    return send(AgentFactory(), **(where(question) | values))


def assert_refused(question, send, code, refusal=SendingRefused, **values):
    with pytest.raises(refusal) as refused:
        sent(question, send, **values)
    assert refused.value.code == code
    assert not OutboxEntry.objects.exists()
    assert not Message.objects.filter(direction="out").exists()


def test_location(question):
    message = sent(question, LOCATION, name=" Office ", address="Ilica 1")

    assert (message.kind, message.text) == (MessageKind.LOCATION, "")
    assert message.content == {
        "latitude": 45.8,
        "longitude": 15.97,
        "name": "Office",
        "address": "Ilica 1",
    }


def test_contact(question):
    message = sent(question, CONTACT, emails=["ana@example.com"], organisation="Parcels")

    assert message.kind == MessageKind.CONTACT
    assert message.content == {
        "contacts": [
            {
                "name": "Ana Kovač",
                "phones": ["+385912345678"],
                "emails": ["ana@example.com"],
                "organisation": "Parcels",
            }
        ]
    }


def test_buttons(question):
    message = sent(question, BUTTONS, footer="We answer at once")

    assert (message.kind, message.text) == (MessageKind.REPLY_BUTTONS, "Which day?")
    assert message.content == {
        "buttons": [{"id": "1", "title": "Today"}, {"id": "2", "title": "Tomorrow"}],
        "footer": "We answer at once",
    }


def test_list(question):
    sections = [Section([Row("One", "first")], "A"), Section([Row("Two")], "B")]

    message = sent(question, LIST, sections=sections)

    assert (message.kind, message.text) == (MessageKind.REPLY_LIST, "Which day?")
    assert message.content == {
        "button": "Days",
        "sections": [
            {"title": "A", "rows": [{"id": "1", "title": "One", "description": "first"}]},
            {"title": "B", "rows": [{"id": "2", "title": "Two", "description": ""}]},
        ],
        "footer": "",
    }


@each_kind
def test_each_is_promised_and_may_quote(question, send):
    message = sent(question, send, quoted_id=question.pk)

    promised = OutboxEntry.objects.get()
    assert (promised.topic, promised.subject) == ("message.deliver", str(message.sends.get().pk))
    assert message.quoted_provider_id == "wamid.1="


@each_kind
def test_sms_carries_none_of_them(send):
    question = MessageFactory(conversation__issue_id="10101")

    assert_refused(question, send, "text-only")


@each_kind
def test_none_is_sent_after_the_window(question, send):
    Message.objects.update(occurred_at=timezone.now() - timedelta(hours=24))

    assert_refused(question, send, "window-closed")


@each_kind
def test_viewer_sends_none(question, send):
    with pytest.raises(SendingRefused) as refused:
        send(AgentFactory(may_reply=False), **where(question))

    assert refused.value.code == "read-only"


@each_kind
def test_client_id_of_another_request_is_not_shown(question, send):
    seen = MessageFactory(client_id=uuid4(), direction="out")

    with pytest.raises(NotFound):
        sent(question, send, client_id=seen.client_id)


AT_THE_BOUND = [
    (LOCATION, {"latitude": 90, "longitude": -180}),
    (LOCATION, {"latitude": -90, "longitude": 180}),
    (LOCATION, {"name": "n" * 1000, "address": "a" * 1000}),
    (CONTACT, {"phones": ["385912345678"] * 5}),
    (CONTACT, {"name": "n" * 200, "organisation": "o" * 200}),
    (BUTTONS, {"text": "t" * 1024, "footer": "f" * 60}),
    (BUTTONS, {"buttons": ["b" * 20, "20° ok", "c"]}),
    (LIST, {"text": "t" * 1024, "button": "b" * 20, "footer": "f" * 60}),
    (LIST, {"sections": [Section([Row("r" * 24, "d" * 72)], "s" * 24)]}),
    (LIST, {"sections": [Section([Row(str(number))], f"s{number}") for number in range(10)]}),
    (LIST, {"sections": [Section([Row(str(number)) for number in range(10)])]}),
    (LIST, {"sections": [Section([Row("Same")], "A"), Section([Row("Same")], "B")]}),
]


@pytest.mark.parametrize(("send", "values"), AT_THE_BOUND)
def test_at_the_bound_it_is_sent(question, send, values):
    assert sent(question, send, **values).status == "queued"


BEYOND_THE_BOUND = [
    (LOCATION, {"latitude": 90.0001}, "bad-latitude"),
    (LOCATION, {"latitude": float("nan")}, "bad-latitude"),
    (LOCATION, {"longitude": -180.0001}, "bad-longitude"),
    (LOCATION, {"longitude": float("inf")}, "bad-longitude"),
    (LOCATION, {"name": "n" * 1001}, "too-long"),
    (LOCATION, {"address": "a" * 1001}, "too-long"),
    (CONTACT, {"name": " "}, "empty"),
    (CONTACT, {"name": "n" * 201}, "too-long"),
    (CONTACT, {"phones": []}, "wrong-count"),
    (CONTACT, {"phones": ["385912345678"] * 6}, "wrong-count"),
    (CONTACT, {"emails": ["ana"]}, "bad-email"),
    (BUTTONS, {"text": ""}, "empty"),
    (BUTTONS, {"text": "t" * 1025}, "too-long"),
    (BUTTONS, {"buttons": []}, "wrong-count"),
    (BUTTONS, {"buttons": ["a", "b", "c", "d"]}, "wrong-count"),
    (BUTTONS, {"buttons": ["b" * 21]}, "too-long"),
    (BUTTONS, {"buttons": [""]}, "empty"),
    (BUTTONS, {"buttons": ["a", " a "]}, "same-titles"),
    (BUTTONS, {"buttons": ["Yes 👍"]}, "emoji-in-button"),
    (BUTTONS, {"buttons": ["a\x00b"]}, "control-character"),
    (BUTTONS, {"footer": "f" * 61}, "too-long"),
    (LIST, {"button": ""}, "empty"),
    (LIST, {"button": "b" * 21}, "too-long"),
    (LIST, {"text": "t" * 1025}, "too-long"),
    (LIST, {"footer": "f" * 61}, "too-long"),
    (LIST, {"sections": []}, "wrong-count"),
    (LIST, {"sections": [Section([Row("r")], f"s{n}") for n in range(11)]}, "wrong-count"),
    (LIST, {"sections": [Section([Row(str(n)) for n in range(11)])]}, "wrong-count"),
    (LIST, {"sections": [Section([])]}, "wrong-count"),
    (LIST, {"sections": [Section([Row("r")], "A"), Section([], "B")]}, "empty"),
    (LIST, {"sections": [Section([Row("r")], "A"), Section([Row("r")])]}, "empty"),
    (LIST, {"sections": [Section([Row("r")], "s" * 25)]}, "too-long"),
    (LIST, {"sections": [Section([Row("r" * 25)])]}, "too-long"),
    (LIST, {"sections": [Section([Row("r", "d" * 73)])]}, "too-long"),
    (LIST, {"sections": [Section([Row("r"), Row("r")])]}, "same-titles"),
]


@pytest.mark.parametrize(("send", "values", "code"), BEYOND_THE_BOUND)
def test_beyond_the_bound_it_is_refused(question, send, values, code):
    assert_refused(question, send, code, **values)


def test_phone_without_country_code_is_refused(question):
    assert_refused(question, CONTACT, "NATIONAL", NumberRefused, phones=["091 234 5678"])


def test_refusal_says_what_and_how_much(question):
    with pytest.raises(SendingRefused) as refused:
        sent(question, BUTTONS, buttons=["b" * 21])

    assert str(refused.value) == "A button has 21 characters, 20 are allowed. Shorten it."


@pytest.mark.django_db(transaction=True)
@each_kind
def test_same_client_id_at_once_is_one_message(question, send):
    post = partial(send, AgentFactory(), **where(question))

    together(*[post] * WRITERS)

    assert Message.objects.filter(direction="out").count() == 1
    assert OutboxEntry.objects.count() == 1


SECTIONS = [Section([Row("One")], "First"), Section([Row("Two"), Row("Two")], "Second")]
NAMELESS = [Section([Row("One")], "First"), Section([Row("Two")])]


@pytest.mark.parametrize(
    ("send", "values", "place"),
    [
        (LOCATION, {"latitude": 91}, "latitude"),
        (LOCATION, {"longitude": 181}, "longitude"),
        (LOCATION, {"address": "a" * 1001}, "address"),
        (CONTACT, {"name": ""}, "name"),
        (CONTACT, {"phones": []}, "phones.0"),
        (CONTACT, {"phones": ["+385 91 234 5678", "no"]}, "phones.1"),
        (CONTACT, {"emails": ["ana"]}, "emails.0"),
        (BUTTONS, {"text": ""}, "text"),
        (BUTTONS, {"buttons": ["Today", "Today"]}, "buttons.1"),
        (BUTTONS, {"footer": "f" * 61}, "footer"),
        (LIST, {"button": ""}, "button"),
        (LIST, {"sections": SECTIONS}, "rows.2"),
        (LIST, {"sections": NAMELESS}, "sections.1"),
        (LIST, {"sections": [Section([Row("One", "d" * 73)])]}, "descriptions.0"),
    ],
)
def test_refusal_says_at_what(question, send, values, place):
    with pytest.raises(DomainError) as refused:
        sent(question, send, **values)

    assert refused.value.at == place
