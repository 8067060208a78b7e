"""Which Jira account a customer is."""

import pytest

from conversations.errors import InvalidTransition, NotFound
from conversations.models import AuditEvent, OutboxEntry
from conversations.services.accounts import link_account, remember_account
from conversations.services.erasure import erase
from tests.conversations.concurrency import together
from tests.factories import AgentFactory, ConversationFactory, CustomerFactory

pytestmark = pytest.mark.django_db


def test_agent_links_an_account_and_the_request_gets_its_reporter():
    conversation = ConversationFactory(issue_id="10101")

    link_account(AgentFactory(), account_id="qm:77:ana", name="Ana Kovač")

    customer = conversation.customer
    customer.refresh_from_db()
    assert (customer.jira_account_id, customer.name) == ("qm:77:ana", "Ana Kovač")
    promised = OutboxEntry.objects.get(topic="request.reporter")
    assert (promised.subject, promised.group) == (
        str(conversation.pk),
        f"reporter:{conversation.pk}",
    )


def test_change_is_recorded_with_before_and_after():
    ConversationFactory(
        issue_id="10101", issue_key="SUP-101", customer__jira_account_id="qm:77:old"
    )

    link_account(AgentFactory(), account_id="qm:77:ana", name="Ana Kovač")

    event = AuditEvent.objects.get(action="customer.linked")
    assert (event.actor, event.issue_key) == (AgentFactory().account_id, "SUP-101")
    assert (event.detail["before"], event.detail["after"]) == ("qm:77:old", "qm:77:ana")
    assert "Ana" not in str(event.detail)


def test_name_that_the_customer_has_stays():
    conversation = ConversationFactory(issue_id="10101", customer__name="Ana")

    link_account(AgentFactory(), account_id="qm:77:ana", name="Somebody")

    conversation.customer.refresh_from_db()
    assert conversation.customer.name == "Ana"


def test_name_of_another_account_goes_with_it():
    conversation = ConversationFactory(
        issue_id="10101", customer__jira_account_id="qm:77:ivan", customer__name="Ivan"
    )

    link_account(AgentFactory(), account_id="qm:77:petra", name="Petra")

    conversation.customer.refresh_from_db()
    assert conversation.customer.name == "Petra"


def test_same_account_again_sets_the_reporter_and_records_nothing():
    ConversationFactory(issue_id="10101", customer__jira_account_id="qm:77:ana")

    link_account(AgentFactory(), account_id="qm:77:ana")

    assert OutboxEntry.objects.filter(topic="request.reporter").count() == 1
    assert AuditEvent.objects.exists() is False


def test_reader_may_not_link():
    ConversationFactory(issue_id="10101")

    with pytest.raises(InvalidTransition) as refused:
        link_account(AgentFactory(may_reply=False), account_id="qm:77:ana")

    assert refused.value.code == "read-only"
    assert OutboxEntry.objects.exists() is False


@pytest.mark.parametrize("account_id", ["", 'qm" OR reporter = "x', "a" * 129, "a b"])
def test_what_is_no_account_id_is_refused(account_id):
    conversation = ConversationFactory(issue_id="10101")

    with pytest.raises(NotFound):
        link_account(AgentFactory(), account_id=account_id)

    conversation.customer.refresh_from_db()
    assert conversation.customer.jira_account_id == ""


def test_request_without_a_conversation_is_refused():
    with pytest.raises(NotFound):
        link_account(AgentFactory(issue_id="99999"), account_id="qm:77:ana")


def test_account_that_was_made_is_remembered_once():
    customer = CustomerFactory()

    assert remember_account(customer.pk, "qm:77:new") == "qm:77:new"
    assert remember_account(customer.pk, "qm:77:newer") == "qm:77:new"

    assert AuditEvent.objects.get().detail == {"before": "", "after": "qm:77:new"}


def test_account_of_a_customer_who_was_joined_is_remembered_nowhere():
    assert remember_account(12345, "qm:77:new") == "qm:77:new"

    assert AuditEvent.objects.exists() is False


def test_nobody_is_linked_to_an_erased_person():
    conversation = ConversationFactory(issue_id="10101")
    erase(conversation.customer_id, by="ana")

    with pytest.raises(InvalidTransition, match="erased"):
        link_account(AgentFactory(), account_id="qm:77:ana", name="Ana")
    assert remember_account(conversation.customer_id, "qm:77:new") == ""

    conversation.customer.refresh_from_db()
    assert (conversation.customer.jira_account_id, conversation.customer.name) == ("", "")


@pytest.mark.django_db(transaction=True)
def test_agents_choice_and_the_account_made_at_the_same_moment_leave_the_agents():
    conversation = ConversationFactory(issue_id="10101")

    together(
        lambda: link_account(AgentFactory(), account_id="qm:77:ana"),
        lambda: remember_account(conversation.customer_id, "qm:77:new"),
    )

    conversation.customer.refresh_from_db()
    assert conversation.customer.jira_account_id == "qm:77:ana"
