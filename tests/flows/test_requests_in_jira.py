"""What Jira gets of a conversation beside the request: its reporter, files and transcripts."""

import pytest
from django.core.files.base import ContentFile

from conversations.contracts import Agent
from conversations.models import Attachment, Conversation, Customer, OutboxEntry
from conversations.services.accounts import link_account
from conversations.services.files import promise_attachment
from jira_bridge.models import RequestDefaults
from tests.factories import AgentFactory

pytestmark = pytest.mark.django_db(transaction=True)


def agent_of(conversation) -> Agent:
    return AgentFactory(issue_id=conversation.issue_id, issue_key=conversation.issue_key)


def test_customer_is_made_once_and_reports_every_request(world, settings):
    settings.CUSTOMER_MAIL_DOMAIN = "customers.example.com"
    world.customer_writes("sms", "Hello")
    world.resolve(Conversation.objects.get().issue_key, "Resolved")

    world.customer_writes("sms", "Hello again")

    reporters = [request["reporter"] for request in world.requests()]
    made = Customer.objects.get().jira_account_id
    assert [reporter["accountId"] for reporter in reporters] == [made, made]
    assert reporters[0]["displayName"] == "+385 99 190 3327"


def test_account_that_exists_already_is_found_again(world, settings):
    settings.CUSTOMER_MAIL_DOMAIN = "customers.example.com"
    world.customer_writes("sms", "Hello")
    made = Customer.objects.get().jira_account_id
    Customer.objects.update(jira_account_id="")
    world.resolve(Conversation.objects.get().issue_key, "Resolved")

    world.customer_writes("sms", "Hello again")

    assert Customer.objects.get().jira_account_id == made


def test_agent_makes_an_account_the_reporter(world, settings):
    settings.CUSTOMER_MAIL_DOMAIN = "customers.example.com"
    world.customer_writes("sms", "Hello", "385991903301")
    made = Customer.objects.get().jira_account_id
    RequestDefaults.objects.update(create_customers=False)
    world.customer_writes("sms", "Hello", "385991903302")
    conversation = Conversation.objects.order_by("pk").last()

    link_account(agent_of(conversation), account_id=made)
    world.work()

    (request,) = [each for each in world.requests() if each["key"] == conversation.issue_key]
    assert request["reporter"]["accountId"] == made


def test_reporter_who_is_unknown_to_jira_gives_way_to_the_app(world):
    world.customer_writes("sms", "Hello")
    world.resolve(Conversation.objects.get().issue_key, "Resolved")
    Customer.objects.update(jira_account_id="qm:77:nobody")

    world.customer_writes("sms", "Hello again")

    assert len(world.requests()) == 2
    assert Conversation.objects.filter(state="active").count() == 1


def test_lost_answer_for_a_customer_leaves_one_request(world, settings):
    settings.CUSTOMER_MAIL_DOMAIN = "customers.example.com"
    world.fault("jira", "*/rest/servicedeskapi/request", "drop_after_accept")
    world.customer_writes("sms", "Hello")
    OutboxEntry.objects.pending().update(run_after=OutboxEntry.objects.first().created_at)

    world.work()

    (request,) = world.requests()
    assert Conversation.objects.get().issue_key == request["key"]


@pytest.mark.parametrize("how", ["comment", "file"])
def test_transcript_is_kept_when_the_request_is_resolved(world, how):
    RequestDefaults.objects.update(transcript=how)
    world.customer_writes("sms", "Where is my parcel?")

    world.resolve(Conversation.objects.get().issue_key, "Resolved")

    (request,) = world.requests()
    found = {"comment": request["comments"], "file": request["attachments"]}
    assert len(found.pop(how)) == 1
    assert list(found.values()) == [[]]
    assert OutboxEntry.objects.filter(state="dead").exists() is False


def test_file_is_attached_once_though_the_answer_is_lost(world, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    world.customer_writes("sms", "Look")
    conversation = Conversation.objects.get()
    attachment = Attachment(
        message=conversation.messages.get(),
        name="račun.pdf",
        content_type="application/pdf",
        state=Attachment.State.STORED,
        size=7,
    )
    attachment.file.save("stored", ContentFile(b"%PDF..."))
    world.fault("jira", "*/attachments", "drop_after_accept")
    promise_attachment(attachment)
    world.work()
    OutboxEntry.objects.pending().update(run_after=OutboxEntry.objects.first().created_at)

    world.work()

    (request,) = world.requests()
    assert [each["filename"] for each in request["attachments"]] == ["račun.pdf"]
    assert OutboxEntry.objects.get(topic="request.attach").state == "done"
