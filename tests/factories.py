"""The smallest valid object of each kind."""

from datetime import UTC, datetime

import factory
from django.utils import timezone

from channels.models import ProviderAccount
from conversations.contracts import Agent, Channel, DeliveryReport, InboundMessage, SendState
from conversations.models import (
    Address,
    CannedReply,
    Conversation,
    Customer,
    Message,
    MessageTemplate,
    PhoneNumber,
    Send,
    Sender,
)
from jira_bridge.models import RequestDefaults


class CustomerFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Customer


class PhoneNumberFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = PhoneNumber

    customer = factory.SubFactory(CustomerFactory)
    key = factory.Sequence(lambda n: f"38591{n:07d}")


class AddressFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Address

    phone_number = factory.SubFactory(PhoneNumberFactory)
    channel = Channel.SMS
    value = factory.SelfAttribute("phone_number.key")


class SenderFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Sender
        django_get_or_create = ["channel", "number"]

    channel = Channel.SMS
    number = "385951006719"


class ConversationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Conversation

    customer = factory.SubFactory(CustomerFactory)
    channel = Channel.SMS
    state = Conversation.State.ACTIVE
    issue_id = factory.Sequence(lambda n: str(10100 + n))
    issue_key = factory.Sequence(lambda n: f"SUP-{100 + n}")


class MessageFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Message

    conversation = factory.SubFactory(ConversationFactory)
    direction = Message.Direction.IN
    channel = Channel.SMS
    text = "Where is my parcel?"
    sender = factory.SubFactory(SenderFactory, channel=factory.SelfAttribute("..channel"))
    address = factory.SubFactory(
        AddressFactory,
        channel=factory.SelfAttribute("..channel"),
        phone_number__customer=factory.SelfAttribute("...conversation.customer"),
    )
    occurred_at = factory.LazyFunction(timezone.now)
    version = 1


class MessageTemplateFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = MessageTemplate

    sender = factory.SubFactory(SenderFactory, channel=Channel.WHATSAPP, number="385951006720")
    name = "parcel_today"
    language = "en"
    provider_id = factory.Sequence(str)
    status = MessageTemplate.Status.APPROVED
    category = "UTILITY"
    structure = factory.LazyAttribute(lambda template: {"body": template.body})

    class Params:
        body = "Your parcel comes today."


class CannedReplyFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = CannedReply

    name = factory.Sequence(lambda n: f"Greeting {n}")
    text = "Thank you for your message."


class SendFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Send

    message = factory.SubFactory(MessageFactory, direction=Message.Direction.OUT)
    channel = factory.SelfAttribute("message.channel")
    sender = factory.SelfAttribute("message.sender")
    address = factory.SelfAttribute("message.address")


class ProviderAccountFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ProviderAccount

    base_url = "http://127.0.0.1:8082"
    api_key = "tests-key"


class RequestDefaultsFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = RequestDefaults

    service_desk_id = "1"
    request_type_id = "10"


class InboundMessageFactory(factory.Factory):
    class Meta:
        model = InboundMessage

    channel = Channel.SMS
    provider_id = factory.Sequence(lambda n: f"in-{n}")
    address = "385991903327"
    sender_number = "385951006719"
    occurred_at = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
    text = "Where is my parcel?"


class DeliveryReportFactory(factory.Factory):
    class Meta:
        model = DeliveryReport

    reference = "unknown"
    state = SendState.DELIVERED
    occurred_at = datetime(2026, 11, 20, 9, 31, tzinfo=UTC)


class AgentFactory(factory.Factory):
    class Meta:
        model = Agent

    schema_name = "site_acme"
    account_id = "5f0c7a1b2d3e4f5061728394"
    name = "Ana Kovač"
    issue_id = "10101"
    issue_key = "SUP-101"
    may_reply = True
