"""Lists of the console cost as many questions for forty rows as for twenty."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from channels.models import Reconciliation
from conversations import audit
from conversations.admin.site import console
from conversations.contracts import Channel
from conversations.models import InboxEntry, OutboxEntry, Sender
from jira_bridge.models import SenderRule
from logins.roles import Role
from omnichat import urls_site
from tests.consoles import client_of, owners_client
from tests.factories import (
    CannedReplyFactory,
    MessageFactory,
    MessageTemplateFactory,
    SendFactory,
)
from tests.omnichat import console_world

pytestmark = pytest.mark.django_db

assert urls_site.urlpatterns  # importing it registers all pages
LISTS = [model._meta for model in console._registry]


def furnish_more(numbers):
    for number in numbers:
        message = MessageFactory(conversation__customer__name=f"Customer {number}")
        answer = MessageFactory(
            conversation=message.conversation, direction="out", author=f"agent-{number}"
        )
        SendFactory(message=answer)
        sender = Sender.objects.create(channel=Channel.SMS, number=f"38595100{number:04d}")
        SenderRule.objects.create(
            sender=sender, service_desk_id="1", request_type_id=str(100 + number)
        )
        MessageTemplateFactory(name=f"parcel_{number}")
        CannedReplyFactory()
        audit.record(
            "settings.changed",
            actor_kind=audit.Actor.ADMIN,
            actor=f"admin-{number}",
            subject=sender,
        )
        InboxEntry.objects.create(
            source="infobip", dedupe_key=f"more-{number}", body=b"{}", state="quarantined"
        )
        OutboxEntry.objects.create(
            topic="message.deliver", group="more", subject=str(answer.pk), state="dead"
        )
        Reconciliation.objects.create(cause="admin", since=message.created_at)
        client_of(f"person-{number}", Role.AUDITOR)


def queries_of(client, path):
    client.get(path)  # what is asked once in a session
    with CaptureQueriesContext(
        connection,
    ) as asked:
        response = client.get(path, follow=True)
    assert response.status_code == 200
    return [query["sql"] for query in asked]


@pytest.mark.parametrize("listed", LISTS, ids=lambda listed: listed.model_name)
def test_list_asks_as_much_for_forty_rows_as_for_twenty(listed):
    console_world.furnish(700_001)
    furnish_more(range(20))
    client = owners_client()
    path = reverse(f"admin:{listed.app_label}_{listed.model_name}_changelist", "omnichat.urls_site")
    few = queries_of(client, path)

    furnish_more(range(20, 40))

    many = queries_of(client, path)
    assert len(many) == len(few), "\n".join(many)


def test_frame_asks_for_the_reader_role_once_and_for_no_settings():
    asked = queries_of(owners_client(), reverse("admin:import_customers", "omnichat.urls_site"))

    assert sum('FROM "auth_group"' in sql for sql in asked) == 1
    assert [sql for sql in asked if "settings" in sql] == []
    assert len(asked) <= 8, "\n".join(asked)
