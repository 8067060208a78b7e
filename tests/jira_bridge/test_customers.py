"""Who reports a request, in each of the ways that Jira may answer."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from conversations import outbox
from conversations.models import AuditEvent, Customer
from jira_bridge import customers
from jira_bridge.models import RequestDefaults
from tests.factories import ConversationFactory, CustomerFactory
from tests.jira_bridge import forge
from tests.jira_bridge.opening import REQUEST, asked, created, drain, entry, opening

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("installation", "defaults", "domain")]

CUSTOMER = f"{forge.ACME}/rest/servicedeskapi/customer?strictConflictStatusCode=true"
DESK = f"{forge.ACME}/rest/servicedeskapi/servicedesk/1/customer"
USERS = f"{forge.ACME}/rest/api/3/user/search"
ISSUE = f"{forge.ACME}/rest/api/3/issue/10107"
NO_ADMIN = {"errorMessage": "JIRA Administrators global permission is required."}


@pytest.fixture
def domain(settings):
    settings.CUSTOMER_MAIL_DOMAIN = "customers.example.com"


def opened_for(jira, *answers):
    """Open a request, whose creation Jira answers so; returns the reporters that were asked for."""
    for status, body in answers or [(201, created("10107"))]:
        jira.answer(status, body, path=REQUEST)
    drain()
    return [sent.get("raiseOnBehalfOf", "") for sent in asked(jira, REQUEST)]


def test_linked_account_reports_the_request(jira):
    opening()
    Customer.objects.update(jira_account_id="qm:77:ana")

    assert opened_for(jira) == ["qm:77:ana"]
    assert asked(jira, CUSTOMER) == []


def test_customer_is_made_and_remembered_and_admitted(jira):
    conversation = opening()
    jira.answer(201, {"accountId": "qm:77:new"}, path=CUSTOMER)
    jira.answer(204, path=DESK)

    assert opened_for(jira) == ["qm:77:new"]
    assert asked(jira, DESK) == [{"accountIds": ["qm:77:new"]}]
    assert Customer.objects.get(pk=conversation.customer_id).jira_account_id == "qm:77:new"
    assert AuditEvent.objects.get(action="customer.linked").detail["after"] == "qm:77:new"


@pytest.mark.parametrize(
    ("name", "masked", "shown"),
    [
        ("", False, "+385 99 190 3327"),
        ("", True, "+385 99 190 ••27"),
        ("Ana Kovač", False, "Ana Kovač (+385 99 190 3327)"),
        ("Ana Kovač", True, "Ana Kovač (+385 99 190 ••27)"),
    ],
)
def test_customer_is_named_by_name_and_number(jira, name, masked, shown):
    RequestDefaults.objects.update(mask_number=masked)
    opening()
    Customer.objects.update(name=name)
    jira.answer(201, {"accountId": "qm:77:new"}, path=CUSTOMER)

    opened_for(jira)

    assert asked(jira, CUSTOMER)[0]["displayName"] == shown


def test_address_is_always_the_same_and_tells_nothing(jira):
    opening()
    jira.hang_up(path=CUSTOMER)
    jira.answer(201, {"accountId": "qm:77:new"}, path=CUSTOMER)

    opened_for(jira)
    drain()

    first, second = (sent["email"] for sent in asked(jira, CUSTOMER))
    assert first == second == customers.address_of(Customer.objects.get())
    assert re.fullmatch(r"customer-[0-9a-f]{32}@customers\.example\.com", first)
    assert customers.address_of(CustomerFactory()) != first


@pytest.mark.parametrize("status", [400, 409])
@pytest.mark.parametrize("shown", [True, False])
def test_address_that_exists_is_found(jira, status, shown):
    opening()
    address = customers.address_of(Customer.objects.get())
    user = {"accountId": "qm:77:old"} | ({"emailAddress": address} if shown else {})
    jira.answer(status, {"errorMessage": "It exists."}, path=CUSTOMER)
    jira.answer(200, [user], path=USERS)

    assert opened_for(jira) == ["qm:77:old"]


@pytest.mark.parametrize(
    "users", [[], [{"accountId": "qm:77:other", "emailAddress": "ana@example.org"}]]
)
def test_address_that_cannot_be_found_makes_the_app_report(jira, users):
    opening()
    jira.answer(409, {"errorMessage": "It exists."}, path=CUSTOMER)
    jira.answer(200, users, path=USERS)

    assert opened_for(jira) == [""]
    assert Customer.objects.get().jira_account_id == ""


def test_missing_permission_is_remembered_for_a_day(jira):
    jira.answer(403, NO_ADMIN, path=CUSTOMER)
    opening()
    assert opened_for(jira) == [""]
    RequestDefaults.objects.update(customers_refused_at=timezone.now() - timedelta(hours=23))
    opening(number="385991903302")

    assert opened_for(jira, (201, created("10108"))) == ["", ""]
    assert len(asked(jira, CUSTOMER)) == 1


def test_after_a_day_it_is_tried_again_and_a_success_forgets_the_refusal(jira):
    RequestDefaults.objects.update(customers_refused_at=timezone.now() - timedelta(hours=25))
    opening()
    jira.answer(201, {"accountId": "qm:77:new"}, path=CUSTOMER)

    assert opened_for(jira) == ["qm:77:new"]
    assert RequestDefaults.objects.current().customers_refused_at is None


@pytest.mark.parametrize("wanted", ["admin", "operator"])
def test_without_consent_or_domain_the_app_reports(jira, settings, wanted):
    if wanted == "admin":
        RequestDefaults.objects.update(create_customers=False)
    else:
        settings.CUSTOMER_MAIL_DOMAIN = ""
    opening()

    assert opened_for(jira) == [""]
    assert asked(jira, CUSTOMER) == []


@pytest.mark.parametrize("status", [400, 403])
def test_reporter_whom_jira_refuses_gives_way_to_the_app_in_the_same_try(jira, status):
    opening()
    Customer.objects.update(jira_account_id="qm:77:gone")
    refusal = (status, {"errorMessage": "The account in raiseOnBehalfOf is not a customer."})

    assert opened_for(jira, refusal, (201, created("10107"))) == ["qm:77:gone", ""]
    assert (entry().state, entry().attempts) == ("done", 1)


def test_desk_that_admits_nobody_keeps_no_request_from_being_opened(jira):
    opening()
    jira.answer(201, {"accountId": "qm:77:new"}, path=CUSTOMER)
    jira.answer(403, NO_ADMIN, path=DESK)

    assert opened_for(jira) == ["qm:77:new"]


@pytest.mark.parametrize("status", [429, 500])
def test_jira_that_makes_no_customers_for_a_while_still_gets_the_request(jira, status):
    opening()
    jira.answer(status, path=CUSTOMER, times=3)

    drain()
    drain()
    assert asked(jira, REQUEST) == []
    assert entry().started_at is None

    assert opened_for(jira) == [""]


def test_account_that_an_agent_has_linked_becomes_the_reporter(jira):
    conversation = ConversationFactory(issue_id="10107", customer__jira_account_id="qm:77:ana")
    promise_reporter(conversation)
    jira.answer(204, path=ISSUE)

    drain()

    (request,) = jira.requests
    assert (request.method, request.path) == ("PUT", f"{ISSUE}?notifyUsers=false")
    assert request.json == {"fields": {"reporter": {"id": "qm:77:ana"}}}


@pytest.mark.parametrize("status", [400, 403])
def test_reporter_that_cannot_be_set_is_shown_in_jiras_words(jira, status):
    conversation = ConversationFactory(issue_id="10107", customer__jira_account_id="qm:77:ana")
    promise_reporter(conversation)
    jira.answer(status, {"errors": {"reporter": "It is not on the screen."}}, path=ISSUE)

    drain()

    failed = entry("request.reporter")
    assert (failed.state, failed.last_error) == (
        "dead",
        "Jira says: reporter: It is not on the screen.",
    )


@pytest.mark.parametrize("gone", [{"end_reason": "deleted", "state": "ended"}, {"issue_id": ""}])
def test_no_reporter_is_set_where_there_is_no_request(jira, gone):
    more = {"customer__jira_account_id": "qm:77:ana", **gone}
    promise_reporter(ConversationFactory(**more))

    drain()

    assert jira.requests == []
    assert entry("request.reporter").state == "done"


def test_reporter_is_set_once_another_change_of_the_request_is_over(jira):
    promise_reporter(ConversationFactory(issue_id="10107", customer__jira_account_id="qm:77:ana"))
    jira.answer(409, {}, path=ISSUE)
    jira.answer(204, path=ISSUE)

    drain()
    drain()

    assert entry("request.reporter").state == "done"


def promise_reporter(conversation):
    outbox.promise("request.reporter", group=f"request:{conversation.pk}", subject=conversation.pk)
