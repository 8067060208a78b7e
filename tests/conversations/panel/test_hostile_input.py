"""What no browser sends: NUL, mark-up, huge numbers in every field of every route of the panel."""

from uuid import uuid4

import pytest

from conversations.models import Attachment, Message
from conversations.panel.urls import urlpatterns
from conversations.services.inbound import receive_message
from tests.factories import (
    CannedReplyFactory,
    InboundMessageFactory,
    MessageFactory,
    MessageTemplateFactory,
)

pytestmark = pytest.mark.django_db

MARKUP = "<img src=x onerror=alert(1)>{code}\u202etxt.exe"
HOSTILE = ("a\x00b", MARKUP, " \n", "ž" * 20_001, "9" * 30)
NO_IDS = ("-1", str(2**63), "9" * 5000, "²", "٣" * 18, "nan")
PLACE = "0" * 30
SCREEN = {
    "after": "0",
    "since": PLACE,
    "gap_after": PLACE,
    "gap_before": PLACE,
    "seen": "a.b.c",
    "present": "nobody",
}
RICH = {
    "location": {"latitude": "45.81", "longitude": "15.98", "name": "Shop", "street": "Ilica 10"},
    "contact": {
        "name": "Ana",
        "phones": "+385 1 2345678",
        "emails": "ana@acme.example",
        "organisation": "Acme",
    },
    "buttons": {"text": "When?", "buttons": "Now", "footer": "Acme"},
    "list": {
        "text": "When?",
        "button": "Days",
        "rows": "Today",
        "descriptions": "At noon",
        "sections": "Week",
        "grouped": "on",
        "footer": "Acme",
    },
}
NUMBERS = {
    "channels": "sms",
    "number_sms": "+385 99 190 3327",
    "number_whatsapp": "+385 99 190 3327",
    "confirm": "on",
    "seen": "a.b.c",
}
# Beside the route, which all of them get.
FIELDS = {
    "side-view": {"seen": "a.b.c", "holding": "on"},
    "side-save": NUMBERS,
    "panel-numbers": NUMBERS,
    "panel-updates": SCREEN,
    "panel-earlier": {"before": PLACE},
    "panel-later": {"after": PLACE, "before": PLACE},
    "panel-search": {"q": "parcel", "before": PLACE},
    "panel-messages": {"text": "Hello", "attachments": "1", "quoted": "1", "confirmed": "many"},
    "panel-send-over": {"channel": "sms", "confirmed": "many"},
    "panel-uploads": {"header": "on"},
    "panel-templates": {
        "q": "parcel",
        "language": "en",
        "template": "1",
        "attachment": "1",
        "fallback": "on",
        "fallback_text": "Hello",
        "value.body.1": "Ana",
    },
    "panel-seen": {"upto": "1"},
    "panel-presence": {"typed": "1", "left": "", "present": "nobody"},
    "panel-draft": {"text": "Hello", "anew": "on"},
    "panel-preferences": {"send_with_enter": "on", "counter_details": "on", "language": "de"},
}
ROUTES = {
    pattern.name: str(pattern.pattern).partition("/")[2]
    for pattern in urlpatterns
    if str(pattern.pattern).startswith("<str:issue_id>/")
}
DOORS = {
    **{path: FIELDS.get(name, {}) for name, path in ROUTES.items() if name != "panel-rich"},
    **{f"rich/{kind}": fields for kind, fields in RICH.items()},
}


class Desk:
    """A WhatsApp conversation with one of everything that a route can name."""

    def __init__(self):
        self.question = MessageFactory(
            conversation__issue_id="10101",
            channel="whatsapp",
            provider_id="wamid.q=",
            sender__number="385951006720",
        )
        self.ids = {
            "message_id": self.question.pk,
            "template_id": MessageTemplateFactory(sender=self.question.sender).pk,
            "reply_id": CannedReplyFactory().pk,
            "attachment_id": Attachment.objects.create(issue_id="10101", uploaded_by="ana").pk,
        }

    @property
    def where(self):
        """Anew each time: a message that was sent is not sent again."""
        question = self.question
        pair = {"sender": question.sender_id, "address": question.address_id}
        return {"client_id": str(uuid4()), **pair}

    def path(self, route, **changes):
        for variable, value in (self.ids | changes).items():
            route = route.replace(f"<int:{variable}>", str(value))
        return route


@pytest.fixture
def desk(inside_acme):
    return Desk()


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("route", DOORS)
def test_no_field_of_a_route_breaks_it(panel, desk, route, method):
    valid = DOORS[route]

    for field, fine in (valid | desk.where).items():
        for value in NO_IDS if str(fine).isdecimal() else HOSTILE:
            form = desk.where | valid | {field: value}
            answer = getattr(panel, method)(desk.path(route), **form)
            assert answer.status_code < 500, (field, value[:20])


@pytest.mark.parametrize("number", [0, 2**31, 2**63, 2**200])
@pytest.mark.parametrize("method", ["get", "post"])
def test_no_id_in_an_address_breaks_it(panel, desk, method, number):
    ids = dict.fromkeys(desk.ids, number)
    numbered = {name: route for name, route in ROUTES.items() if "<int:" in route}

    answers = [
        getattr(panel, method)(desk.path(route, **ids), **desk.where | FIELDS.get(name, {}))
        for name, route in numbered.items()
    ]

    assert {answer.status_code for answer in answers} <= {404, 405}


def test_text_is_shown_inert_and_stored_exactly(panel, desk, elements):
    assert panel.send(desk.question, text=MARKUP).status_code == 200

    found = elements(panel.get("view")).found
    assert Message.objects.get(direction="out").text == MARKUP
    assert [attrs for tag, attrs in found if "onerror" in attrs] == []


def test_bytes_that_are_no_text_are_shown_as_such(panel, desk):
    body = b"text=caf%ED%A0%80"

    answer = panel.client.post(
        "/panel/10101/draft",
        body,
        content_type="application/x-www-form-urlencoded",
        headers={"Authorization": f"Bearer {panel.token}"},
    )

    assert answer.status_code == 204
    assert ">caf\ufffd\ufffd\ufffd</textarea>" in panel.get("view").content.decode()


def test_what_the_database_cannot_hold_is_shown_as_replaced(panel, desk):
    address = desk.question.address.value
    receive_message(
        InboundMessageFactory(
            channel="whatsapp",
            address=address,
            sender_number="385951006720",
            text="Zoë\x00 \ud800",
            profile_name=MARKUP,
        )
    )

    page = panel.get("view").content.decode()
    assert "Zoë\ufffd \ufffd" in page
    assert MARKUP.partition("{")[0] not in page
