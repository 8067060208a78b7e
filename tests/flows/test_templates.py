"""Templates between console and Infobip: listed, submitted, approved, sent and deleted."""

from datetime import timedelta
from io import BytesIO

import pytest
import requests
from PIL import Image

from channels import templates
from conversations.models import Attachment, Message, MessageTemplate, Sender
from conversations.services.templates import send_template
from tenants.context import tenant_context
from tests.consoles import owners_client
from tests.factories import AgentFactory
from tests.flows.conftest import PATIENCE_SECONDS

pytestmark = pytest.mark.django_db(transaction=True)

LIST = "/admin/conversations/messagetemplate/"


def console(world):
    with tenant_context(world.site):
        return owners_client()


def synchronise(world):
    return console(world).post(f"{LIST}synchronise/", follow=True).content.decode()


def review(world, template, **answer):
    kept = world.arrivals.kept
    address = f"{world.infobip}/_sandbox/templates/{template.provider_id}/review"
    requests.post(address, json=answer, timeout=PATIENCE_SECONDS).raise_for_status()
    world.arrivals.wait_for(kept + 1)


def work_off_events(world):
    """Take in the event, and list again without waiting for more of them."""
    world.work()
    with tenant_context(world.site):
        templates.ask_for_sync(within=timedelta(0))
    world.work()


def submit(world):
    """Submit a template that waits for somebody to review it; returns the answer."""
    form = {
        "sender": Sender.objects.get(channel="whatsapp").pk,
        "name": "parcel_hold",
        "language": "en_GB",
        "category": "UTILITY",
        "header_kind": "text",
        "header_text": "Parcel {{1}}",
        "header_example": "HR-1",
        "body": "Hello {{1}}, it comes today.",
        "examples": "Ana",
        "footer": "Acme Shop",
        "form-TOTAL_FORMS": "10",
        "form-INITIAL_FORMS": "0",
        "form-0-kind": "quick-reply",
        "form-0-text": "Not at home",
        "form-1-kind": "url",
        "form-1-text": "Track",
        "form-1-target": "https://acme.example/{{1}}",
        "form-1-example": "https://acme.example/HR-1",
    }
    return console(world).post(f"{LIST}add/", form)


def submitted(world):
    assert submit(world).status_code == 302
    return MessageTemplate.objects.get(name="parcel_hold")


def test_seeds_are_listed_and_only_the_sendable_offered(world):
    text = synchronise(world)

    listed = MessageTemplate.objects.count()
    assert f"385951006720: {listed} templates listed." in text
    refused = MessageTemplate.objects.exclude(not_understood="")
    assert 0 < refused.count() < listed
    assert not MessageTemplate.objects.sendable().filter(pk__in=refused).exists()


def test_template_is_submitted_approved_and_sent(world):
    made = submitted(world)
    assert made.status == "PENDING"

    review(world, made, status="APPROVED")
    work_off_events(world)

    template = MessageTemplate.objects.sendable().get(pk=made.pk)
    world.customer_writes("whatsapp", "Hello")
    question = Message.objects.latest("pk")
    issue_id = question.conversation.issue_id
    send_template(
        AgentFactory(issue_id=issue_id),
        template_id=template.pk,
        values={"header.text": "HR-7", "body.1": "Ivan", "button.1": "HR-7"},
        client_id="6f0c7c1e-53f2-4a3e-9a0e-2f6f1f1f6a01",
        sender_id=question.sender_id,
        address_id=question.address_id,
    )
    kept = world.arrivals.kept
    world.work()
    world.wait_for_reports(kept + 1)

    (arrived,) = world.sent("whatsapp")
    assert "Hello Ivan, it comes today." in arrived["text"]
    assert Message.objects.latest("pk").status == "delivered"


def test_header_takes_a_picture_of_the_agents(world):
    synchronise(world)
    world.customer_writes("whatsapp", "It is broken")
    question = Message.objects.latest("pk")
    panel = world.open_panel(question.conversation.issue_key)
    drawn = BytesIO()
    Image.effect_noise((64, 48), 90).save(drawn, "PNG")
    assert panel.attach("part.png", drawn.getvalue(), sender=question.sender).ok

    sent = panel.post(
        "templates",
        template=MessageTemplate.objects.get(name="photo_of_the_part").pk,
        attachment=Attachment.objects.get().pk,
        client_id="6f0c7c1e-53f2-4a3e-9a0e-2f6f1f1f6a02",
        sender=question.sender_id,
        address=question.address_id,
        **{"value.body.1": "Ivan"},
    )
    kept = world.arrivals.kept
    world.work()
    world.wait_for_reports(kept + 1)

    assert sent.status_code == 200, sent.text
    message = Message.objects.latest("pk")
    assert (message.status, message.attachments.get().name) == ("delivered", "part.png")


def test_rejected_template_says_why_and_can_be_edited(world):
    made = submitted(world)

    review(world, made, status="REJECTED", reason="SCAM")
    work_off_events(world)

    made.refresh_from_db()
    assert (made.status, made.rejected_for) == ("REJECTED", "SCAM")
    form = {
        "category": "UTILITY",
        "body": "Better now.",
        "examples": "",
        "form-TOTAL_FORMS": "10",
        "form-INITIAL_FORMS": "0",
    }
    response = console(world).post(f"{LIST}{made.pk}/edit/", form)
    assert response.status_code == 302
    made.refresh_from_db()
    assert made.structure["body"] == "Better now."


def test_refusal_of_infobip_stands_in_the_form(world):
    submitted(world)
    MessageTemplate.objects.all().delete()

    response = submit(world)

    assert response.status_code == 200
    assert response.context["form"].errors
    assert "Hello {{1}}, it comes today." in response.content.decode()


def test_deleted_template_is_gone_in_all_languages(world):
    synchronise(world)
    english = MessageTemplate.objects.get(name="request_update", language="en")

    console(world).post(f"{LIST}{english.pk}/delete/")
    synchronise(world)

    ours = MessageTemplate.objects.filter(name="request_update")
    assert ours.count() >= 2
    assert not MessageTemplate.objects.sendable().filter(name="request_update").exists()
