"""Files, places, voices, templates and words that stop it all: each way round over real HTTP."""

import base64
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
import requests
from PIL import Image

from channels import reconcile
from channels.models import Reconciliation
from conversations import outbox
from conversations.models import Address, Attachment, Message, MessageTemplate
from tenants.context import tenant_context
from tests.flows.conftest import PATIENCE_SECONDS

pytestmark = pytest.mark.django_db(transaction=True)

UNREACHABLE = "385991903391"


def picture():
    """A small photograph that no other test has."""
    drawn = BytesIO()
    Image.effect_noise((64, 48), 90).save(drawn, "PNG")
    return drawn.getvalue()


def as_file(content, name="cup.png", content_type="image/png"):
    return {
        "name": name,
        "content_type": content_type,
        "base64": base64.b64encode(content).decode(),
    }


def last_in():
    return Message.objects.from_customer().latest("pk")


def last_out():
    return Message.objects.filter(direction="out").latest("pk")


def panel_of(world, message):
    return world.open_panel(message.conversation.issue_key)


def route(message):
    return {"sender": message.sender, "address": message.address}


def test_picture_of_the_customer_reaches_panel_and_request(world):
    content = picture()

    world.customer_writes("whatsapp", "Look", type="image", file=as_file(content))

    stored = Attachment.objects.get()
    assert (stored.state, stored.content_type, stored.width) == ("stored", "image/png", 64)
    address = panel_of(world, last_in()).get(f"files/{stored.pk}").json()["address"]
    assert requests.get(world.app + address, timeout=PATIENCE_SECONDS).content == content
    (request,) = world.requests()
    assert [each["size"] for each in request["attachments"]] == [len(content)]


def test_picture_of_the_agent_reaches_phone_and_request(world):
    world.customer_writes("whatsapp", "Can you show me?")
    question = last_in()
    panel = panel_of(world, question)
    content = picture()
    assert panel.attach("plan.png", content, sender=question.sender).status_code == 201

    sent = panel.send("Like this", attachments=Attachment.objects.get().pk, **route(question))
    world.work()
    world.wait_for_reports(kept=2)

    assert sent.status_code == 200, sent.text
    (arrived,) = world.sent("whatsapp")
    assert (arrived["kind"], arrived["text"]) == ("image", "Like this")
    assert last_out().sends.get().state == "delivered"
    (request,) = world.requests()
    assert [each["filename"] for each in request["attachments"]] == ["plan.png"]


def test_voice_message_comes_in(world):
    recording = b"OggS\x00\x02" + bytes(8) + b"\x01\x00\x00\x00" + bytes(8) + b"\x01\x13OpusHead"

    file = as_file(recording, "voice.ogg", "audio/ogg; codecs=opus")
    world.customer_writes("whatsapp", "", type="voice", file=file)

    message = last_in()
    assert (message.kind, Attachment.objects.get().content_type) == ("voice", "audio/ogg")
    assert "<audio" in panel_of(world, message).get("view").text
    (request,) = world.requests()
    assert request["description"] == "(Voice message)"


def test_place_comes_in_with_a_map(world):
    world.customer_writes(
        "whatsapp", "", type="location", latitude=45.8131, longitude=15.9775, name="Main square"
    )

    page = panel_of(world, last_in()).get("view").text

    assert "Main square" in page
    assert "openstreetmap.org" in page
    assert "45.8131" in page


def test_quote_and_reaction_belong_to_the_message_they_mean(world):
    world.customer_writes("whatsapp", "Which one?")
    question = last_in()
    panel_of(world, question).send("The blue one", **route(question))
    world.work()
    ours = str(last_out().sends.get().pk)

    world.customer_writes("whatsapp", "Thanks", quotes=ours)
    world.customer_writes("whatsapp", "", type="reaction", reaction={"to": ours, "emoji": "👍"})

    assert last_in().quoted == last_out()
    assert last_out().reaction == "👍"
    assert len(world.requests()) == 1


def test_template_opens_a_closed_window_again(world):
    yesterday = datetime.now(UTC) - timedelta(hours=25)
    world.customer_writes(
        "whatsapp", "Is it ready?", received_at=yesterday.isoformat(timespec="milliseconds")
    )
    question = last_in()
    panel = panel_of(world, question)
    assert panel.send("Yes", **route(question)).status_code == 409
    with tenant_context(world.site):
        outbox.promise("templates.sync", group="templates", subject="test")
    world.work()
    template = MessageTemplate.objects.sendable().get(name="request_update", language="en")

    sent = panel.post(
        "templates",
        template=template.pk,
        client_id="6f0c7c1e-53f2-4a3e-9a0e-2f6f1f1f6a01",
        sender=question.sender_id,
        address=question.address_id,
        **{"value.body.1": "Ana", "value.body.2": "DESK-7"},
    )
    world.work()
    world.wait_for_reports(kept=2)

    assert sent.status_code == 200, sent.text
    (arrived,) = world.sent("whatsapp")
    assert arrived["kind"] == "template"
    assert "news about your request DESK-7" in last_out().text
    assert last_out().sends.get().state == "delivered"


def test_who_says_stop_gets_nothing_until_they_say_start(world):
    world.customer_writes("sms", "Hello")
    question = last_in()
    panel = panel_of(world, question)

    world.customer_writes("sms", "Stop.")

    assert Address.objects.get().opted_out_at is not None
    assert panel.send("Still there?", **route(question)).status_code == 409
    assert world.sent("sms") == []
    assert len(world.requests()) == 1

    world.customer_writes("sms", "START")
    assert panel.send("Welcome back", **route(question)).status_code == 200
    world.work()
    assert [sent["text"] for sent in world.sent("sms")] == ["Welcome back"]


def test_what_was_not_delivered_is_sent_again_under_the_same_row(world):
    world.customer_writes("sms", "Hello", number=UNREACHABLE)
    question = last_in()
    panel = panel_of(world, question)
    panel.send("We called", **route(question))
    world.work()
    world.wait_for_reports(kept=2)
    assert last_out().status == "failed"

    answer = panel.post(f"messages/{last_out().pk}/resend")
    world.work()

    assert answer.status_code == 200, answer.text
    assert [sent["text"] for sent in world.sent("sms")] == ["We called", "We called"]
    assert len({sent["message_id"] for sent in world.sent("sms")}) == 2
    assert Message.objects.filter(direction="out").count() == 1


def test_message_that_no_webhook_brought_is_fetched(world):
    world.fault("infobip", "inbound", "lost")
    world._post(
        f"{world.infobip}/_sandbox/inbound",
        {"channel": "sms", "from": "385991903327", "to": "385951006719", "text": "Anybody?"},
    )
    world.work()
    assert not Message.objects.exists()

    with tenant_context(world.site):
        reconcile.ask(Reconciliation.Cause.ADMIN)
    world.work()

    assert last_in().text == "Anybody?"
    assert len(world.requests()) == 1
    assert Reconciliation.objects.get().messages == 1
