"""What can happen to Forge's events on their way, each when asked for and then no more."""

import asyncio

import httpx
import pytest

from sandbox.jira.event_line import LARGEST_EVENT
from sandbox.jira.people import APP, STAFF
from sandbox.jira.request_types import REQUEST_TYPES


@pytest.fixture(autouse=True)
def _request(open_request):
    open_request()


@pytest.fixture
def fault(web):
    def ask(kind, **wanted):
        body = {"route": "events", "kind": kind, "times": 1} | wanted
        assert web.post("/_sandbox/faults", json=body).status_code == 200

    return ask


@pytest.fixture
def move(web):
    return lambda to: web.post("/_sandbox/requests/SUP-101/transition", json={"to": to})


def reached(events):
    return [event["changelog"]["items"][0]["toString"] for event in events]


def test_a_lost_event_never_comes(fault, move, events):
    fault("lost")
    move("In progress")
    move("Resolved")

    assert reached(events()) == ["Resolved"]


def test_a_doubled_event_comes_twice_with_two_tokens(fault, move, events, product, claims_of):
    fault("duplicate")
    move("Resolved")

    first, second = events()
    assert first == second
    sent = [each for each in product.requests if each.url.path.endswith("/events")]
    assert len({claims_of(request)["jti"] for request in sent}) == 2


def test_an_event_is_overtaken_by_the_next(fault, move, events):
    fault("reorder")
    move("In progress")
    move("Resolved")
    move("Waiting for customer")

    assert sorted(reached(events())) == ["In progress", "Resolved", "Waiting for customer"]
    assert reached(events())[0] == "Resolved"


def test_a_late_event_waits(fault, move, product, web):
    async def second_came():
        async with asyncio.timeout(5):
            while not product.bodies("events"):
                await asyncio.sleep(0)

    fault("late", seconds=600)
    move("In progress")
    move("Resolved")
    web.portal.call(second_came)

    assert reached(product.bodies("events")) == ["Resolved"]


def test_a_late_event_comes_after_all(fault, move, events):
    fault("late")
    move("In progress")

    assert reached(events()) == ["In progress"]


def test_an_event_may_come_wrapped_and_so_do_its_retries(fault, move, events, product):
    fault("wrapped")
    product.statuses = [500]
    move("Resolved")

    first, second = events()
    assert first["payload"]["eventType"] == "avi:jira:updated:issue"
    assert list(first) == list(second) == ["payload"]
    assert second["payload"]["retryContext"]["retryCount"] == 1


def test_a_status_may_come_without_its_category(fault, move, events):
    fault("bare_status")
    move("Resolved")

    (event,) = events()
    status = event["issue"]["fields"]["status"]
    assert status["name"] == "Resolved"
    assert "statusCategory" not in status


def test_a_fault_may_wait_for_one_type_of_event(fault, move, web, events):
    fault("lost", route="deleted:issue")
    move("Resolved")
    web.post("/_sandbox/requests/SUP-101/delete")

    assert [event["eventType"] for event in events()] == ["avi:jira:updated:issue"]


def test_an_event_of_more_than_200_kb_is_not_delivered(web, events, jira, site):
    issue = jira.issues.get(site, "SUP-101")
    issue["fields"]["summary"] = "x" * LARGEST_EVENT
    jira.issues.save(site, issue)

    web.post("/_sandbox/requests/SUP-101/delete")

    assert events() == []


def test_what_the_app_does_itself_is_not_told(web, events, jira, site):
    issue = jira.issues.get(site, "SUP-101")

    async def delete():
        jira.forge.tell_deleted(site, issue, by=APP)

    web.portal.call(delete)
    assert events() == []


def test_a_changed_request_type_is_told(web, events, jira, site):
    async def change():
        kind = REQUEST_TYPES["10"]
        jira.forge.tell_request_type_changed(site, kind, by=STAFF["ana"], change="deleted")

    web.portal.call(change)

    (event,) = events()
    assert event["eventType"] == "avi:jsm-entity:deleted:request-type"
    assert event["selfGenerated"] is False


def test_an_uninstall_ends_what_is_still_tried(web, move, product, events):
    product.statuses = [500]
    web.post("/_sandbox/faults", json={"route": "events", "kind": "late", "seconds": 0})
    move("Resolved")
    web.post("/_sandbox/uninstall", json={"site": "demo"})
    count = len(product.bodies("events"))

    assert len(events()) == count


def test_silence_of_the_app_is_no_answer_in_time(web, jira, site):
    async def never(_request):
        await asyncio.Event().wait()

    jira.forge.remote._client = httpx.AsyncClient(transport=httpx.MockTransport(never))

    assert web.portal.call(lambda: jira.forge.remote.call(site, "events", {}, timeout=0)) == 0
