"""One row of everything that a console's pages show, in the site that the caller is in."""

from datetime import timedelta

from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from channels.models import ProviderAccount, Reconciliation, WayTest, WebhookSecret
from conversations import audit
from conversations.models import (
    Address,
    Attachment,
    AutoReplySettings,
    CannedReply,
    Customer,
    InboxEntry,
    OutboxEntry,
    RetentionSettings,
    SendingSettings,
)
from jira_bridge.models import RequestDefaults, SenderRule
from logins.models import Authenticator, Person
from tests.factories import MessageFactory, MessageTemplateFactory

NUMBER = "385991234987"
PROVIDER_KEY = "a1b2c3d4-provider-key-of-the-site"
WEBHOOK_SECRET = "webhook-secret-of-the-site"
AUTHENTICATOR_KEY = "5eed5eed5eed5eed5eed5eed5eed5eed5eed5eed"


def furnish(first_id):
    """Fill the current site; ids begin at `first_id`. Returns the rows by model's name."""
    customer = Customer.objects.create(pk=first_id, name="Marko Horvat")
    message = MessageFactory(
        pk=first_id,
        conversation__pk=first_id,
        conversation__customer=customer,
        address__pk=first_id,
        address__phone_number__pk=first_id,
        address__phone_number__key=NUMBER,
        text="Where is my parcel?",
    )
    sender = message.sender
    user = User.objects.create(pk=first_id, username="mia", first_name="Mia")
    Authenticator.objects.create(user=user, name="phone", key=AUTHENTICATOR_KEY)
    WebhookSecret.objects.create(kind=WebhookSecret.Kind.HMAC, secret=WEBHOOK_SECRET)
    template = MessageTemplateFactory(pk=first_id, body="Your parcel comes today.")
    audit.record("settings.changed", actor_kind=audit.Actor.ADMIN, subject=sender)
    return {
        "customer": customer,
        "conversation": message.conversation,
        "message": message,
        "address": Address.objects.get(pk=first_id),
        "attachment": Attachment.objects.create(
            pk=first_id,
            message=message,
            state="stored",
            name="parcel.txt",
            content_type="text/plain",
            file=default_storage.save("attachments/parcel.txt", ContentFile(b"A parcel.")),
        ),
        "phonenumber": message.address.phone_number,
        "othercustomer": Customer.objects.create(pk=first_id + 1, name="Ana Horvat"),
        "sender": sender,
        "messagetemplate": template,
        "cannedreply": CannedReply.objects.create(pk=first_id, name="Thanks", text="Thank you."),
        "person": Person.objects.create(pk=first_id, user=user),
        "user": user,
        "auditevent": audit.AuditEvent.objects.latest("pk"),
        "inboxentry": InboxEntry.objects.create(
            pk=first_id,
            source="infobip",
            dedupe_key=str(first_id),
            body=b'{"from": "%s", "text": "words"}' % NUMBER.encode(),
            state=InboxEntry.State.QUARANTINED,
            reason="No text.",
        ),
        "outboxentry": OutboxEntry.objects.create(
            pk=first_id,
            topic="request.attach",
            group=f"conversation:{first_id}",
            subject=str(first_id),
            state=OutboxEntry.State.DEAD,
        ),
        "reconciliation": Reconciliation.objects.create(
            pk=first_id, cause=Reconciliation.Cause.ADMIN, since=timezone.now() - timedelta(days=1)
        ),
        "provideraccount": ProviderAccount.objects.create(
            pk=first_id, base_url="http://127.0.0.1:8082", api_key=PROVIDER_KEY
        ),
        "waytest": WayTest.objects.create(
            pk=first_id, sender=sender, address=NUMBER, code="4711", begun_by="ana"
        ),
        "senderrule": SenderRule.objects.create(
            pk=first_id, sender=sender, service_desk_id="1", request_type_id="10"
        ),
        "requestdefaults": RequestDefaults.objects.create(
            pk=first_id, service_desk_id="1", request_type_id="10"
        ),
        "autoreplysettings": AutoReplySettings.objects.create(pk=first_id),
        "sendingsettings": SendingSettings.objects.create(pk=first_id),
        "retentionsettings": RetentionSettings.objects.create(pk=first_id),
    }
