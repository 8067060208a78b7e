"""A template that WhatsApp does not deliver goes as an SMS, under the same message id."""

import pytest

from channels import templates
from channels.models import ProviderAccount
from conversations.models import Message, MessageTemplate, Sender, SendingSettings
from conversations.services.templates import send_template
from tenants.context import tenant_context
from tests.factories import AgentFactory

pytestmark = pytest.mark.django_db(transaction=True)

NOT_ON_WHATSAPP = "385991903395"


def test_failed_template_arrives_as_sms(world):
    settings = SendingSettings.objects.current()
    settings.sms_fallback = True
    settings.save()
    with tenant_context(world.site):
        templates.sync_sender(ProviderAccount.objects.get(), Sender.objects.get(channel="whatsapp"))
    world.customer_writes("whatsapp", "Hello", number=NOT_ON_WHATSAPP)
    question = Message.objects.latest("pk")

    send_template(
        AgentFactory(issue_id=question.conversation.issue_id),
        template_id=MessageTemplate.objects.get(name="request_update", language="en").pk,
        values={"body.1": "Iva", "body.2": "DESK-1"},
        client_id="6f0c7c1e-53f2-4a3e-9a0e-2f6f1f1f6a02",
        sender_id=question.sender_id,
        address_id=question.address_id,
        sms_fallback="Please answer our message.",
    )
    kept = world.arrivals.kept
    world.work()
    world.wait_for_reports(kept + 2)

    (sms,) = world.sent("sms")
    (send,) = Message.objects.latest("pk").sends.all()
    assert (sms["text"], sms["to"]) == ("Please answer our message.", NOT_ON_WHATSAPP)
    assert (send.state, send.by_fallback) == ("delivered", True)
