"""What agents send beside texts reaches a phone, whose Infobip checks it by its own rules."""

from functools import partial
from io import BytesIO
from uuid import uuid4

import pytest
import requests
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from channels import templates
from channels.models import ProviderAccount
from conversations.contracts import Channel
from conversations.models import Message, MessageTemplate
from conversations.services.presence import note_seen, note_typing
from conversations.services.replies import send_reply
from conversations.services.rich_replies import (
    Row,
    Section,
    send_contact,
    send_location,
    send_reply_buttons,
    send_reply_list,
)
from conversations.services.templates import send_template
from conversations.services.uploads import take_upload
from conversations.templates import Structure, variables_of
from tenants.context import tenant_context
from tests.factories import AgentFactory

pytestmark = pytest.mark.django_db(transaction=True)

PDF = ("offer.pdf", b"%PDF-1.4\n%%EOF")
DAYS = [Section([Row("Today", "until six"), Row("Tomorrow")])]
SENDERS = [
    partial(send_reply, text="See https://example.com/1"),
    partial(send_location, latitude=45.8, longitude=15.97, name="Office"),
    partial(send_contact, name="Ana Kovač", phones=["+385 91 234 5678"]),
    partial(send_reply_buttons, text="Which day?", buttons=["Today", "Tomorrow"], footer="Soon"),
    partial(send_reply_list, text="Which day?", button="Days", sections=DAYS),
]


def picture():
    made = BytesIO()
    Image.new("RGB", (40, 30), "navy").save(made, "PNG")
    return made.getvalue()


@pytest.fixture
def chat(world):
    """A customer's question, who may answer it, and from where to where."""
    world.customer_writes("whatsapp", "Hello")
    question = Message.objects.get()
    agent = AgentFactory(issue_id=question.conversation.issue_id)
    return question, agent, {"sender_id": question.sender_id, "address_id": question.address_id}


def test_every_kind_is_delivered(world, chat):
    question, agent, ends = chat
    with tenant_context(world.site):
        for send in SENDERS:
            send(agent, client_id=uuid4(), quoted_id=question.pk, **ends)

    world.work()
    world.wait_for_reports(kept=1 + len(SENDERS))

    ours = Message.objects.filter(direction="out")
    assert {message.sends.get().state for message in ours} == {"delivered"}
    assert len(world.sent("whatsapp")) == len(SENDERS)


def test_files_are_fetched_and_delivered(world, chat):
    _question, agent, ends = chat
    with tenant_context(world.site):
        uploads = [
            take_upload(agent, SimpleUploadedFile(name, body), Channel.WHATSAPP)
            for name, body in (("parcel.png", picture()), ("terms.txt", b"No returns."))
        ]
        send_reply(
            agent,
            text="Here they are.",
            client_id=uuid4(),
            attachment_ids=[upload.pk for upload in uploads],
            **ends,
        )

    world.work()
    world.wait_for_reports(kept=1 + len(uploads))

    sent = world.sent("whatsapp")
    assert [(each["kind"], each["text"]) for each in sent] == [
        ("image", "Here they are."),
        ("document", ""),
    ]
    assert all(each["media_id"] for each in sent)
    ours = Message.objects.filter(direction="out")
    assert {message.sends.get().state for message in ours} == {"delivered"}


def test_every_template_that_is_offered_is_delivered(world, chat):
    question, agent, ends = chat
    with tenant_context(world.site):
        templates.sync_sender(ProviderAccount.objects.get(), question.sender)
        offered = list(MessageTemplate.objects.sendable())
        for template in offered:
            send_filled_in(agent, template, ends)

    world.work()
    world.wait_for_reports(kept=1 + len(offered))

    assert len(offered) > 5
    ours = Message.objects.filter(direction="out")
    assert [message.sends.get().state for message in ours] == ["delivered"] * len(offered)


def send_filled_in(agent, template, ends):
    variables = variables_of(Structure.from_json(template.structure))
    header = next((each.file for each in variables if each.file), None)
    name, body = ("a.png", picture()) if header and header.takes("image/png") else PDF
    file = take_upload(agent, SimpleUploadedFile(name, body), Channel.WHATSAPP) if header else None
    send_template(
        agent,
        template_id=template.pk,
        values={each.key: each.example or "DESK-12" for each in variables if not each.file},
        attachment_id=file.pk if file else None,
        client_id=uuid4(),
        **ends,
    )


def test_customer_sees_the_read_mark_and_that_somebody_types(world, chat, ports):
    _question, agent, ends = chat
    with tenant_context(world.site):
        note_seen(agent)
        note_typing(agent, **ends)

    world.work()

    phone = requests.get(
        f"http://127.0.0.1:{ports['PHONES_PORT']}/api/thread",
        params={"channel": "whatsapp", "number": "385991903327", "to": "385951006720"},
        timeout=5,
    ).json()
    assert phone["typing"] is True
    assert [bubble["state"] for bubble in phone["messages"]] == ["read"]
