"""The verdict finds what is lost, doubled or crossed: without it a clean table says nothing."""

from copy import deepcopy
from types import SimpleNamespace

import pytest

from sandbox.infobip.ledger import Message
from tests.chaos.evidence import SiteStory
from tests.chaos.people import Said
from tests.chaos.plan import Plan
from tests.chaos.verdict import Figure, added_up, breaches, judge

NUMBER = "385990010010"
QUESTION, ANSWER = f"[demo] round 1. {NUMBER} message 1", f"[demo] round 1. {NUMBER} answer 1"


def wire(direction, text, message_id, **given):
    told = {"channel": "sms", "company": "385951", "customer": NUMBER, "site": "demo"}
    message = Message(direction, text=text, message_id=message_id, **told, **given)
    return vars(message)


def a_story():
    """One message, its request, and one answer that was delivered."""
    request = {"key": "SUP-101", "resolution": None, "fields": {"description": QUESTION}}
    return SiteStory(
        "demo",
        heard=[wire("in", QUESTION, "in-1", taken_at=5.0)],
        sent=[wire("out", ANSWER, "send-1", status="DELIVERED_TO_HANDSET")],
        requests=[request],
        inbound=[("in-1", QUESTION, "SUP-101")],
        outgoing=[("client-1", ANSWER, "send-1", "delivered")],
        conversations=[(1, "SUP-101", "active")],
        files=[("stored", "")],
    )


def judged(told, *, status=200):
    people = SimpleNamespace(
        written={"demo": {"in-1": QUESTION}, "second": {}},
        said={"demo": {"client-1": Said(ANSWER, status)}, "second": {}},
        moved=[],
        refused_at_first=0,
        repeated=0,
    )
    plan = Plan(1, 1, [None], [], [], [])
    return [each.name for each in breaches(judge(plan, people, [told, SiteStory("second")]))]


def test_a_clean_story_has_no_breach():
    assert judged(a_story()) == []


def lose_message(told):
    told.inbound = []


def never_take_it(told):
    told.heard[0]["taken_at"] = None


def double_message(told):
    told.inbound.append(("in-2", QUESTION, "SUP-101"))


def put_it_in_nobodys_hand(told):
    told.inbound = [("in-1", QUESTION, "")]


def lose_file(told):
    told.files = [("failed", "out-of-reach")]


def open_two_requests(told):
    told.requests.append({"key": "SUP-102", "resolution": None})


def open_no_request(told):
    told.requests = []


def have_two_active(told):
    told.conversations.append((1, "SUP-102", "active"))
    told.requests.append({"key": "SUP-102", "resolution": None})


def share_a_request(told):
    told.conversations.append((2, "SUP-101", "active"))


def resolve_unheard(told):
    told.requests[0]["resolution"] = "Done"


def lose_answer(told):
    told.outgoing, told.sent = [], []


def store_answer_twice(told):
    told.outgoing.append(("client-1", ANSWER, "send-2", "failed"))


def send_twice(told):
    told.sent.append(wire("out", ANSWER, "send-1", status="DELIVERED_TO_HANDSET"))


def send_never(told):
    told.sent = []


def show_another_state(told):
    told.outgoing = [("client-1", ANSWER, "send-1", "sent")]


def show_as_failed_what_arrived(told):
    told.outgoing = [("client-1", ANSWER, "send-1", "failed")]


def cross_inbound(told):
    told.inbound.append(("in-1", "[second] round 1. text", "SUP-101"))


def cross_request(told):
    told.requests[0]["fields"]["description"] = "[second] round 1. text"


def cross_send(told):
    told.sent.append(wire("out", "[second] round 1. text", "send-1"))


def keep_from_another_round(told):
    told.inbound.append(("in-1", "[demo] round 2. text", "SUP-101"))


@pytest.mark.parametrize(
    ("spoil", "found"),
    [
        (lose_message, "messages lost"),
        (never_take_it, "accepted by the webhook"),
        (double_message, "messages doubled"),
        (double_message, "messages that nobody wrote"),
        (put_it_in_nobodys_hand, "messages in nobody's hand"),
        (lose_file, "files lost"),
        (open_two_requests, "requests of no conversation"),
        (open_no_request, "conversations without their request"),
        (have_two_active, "second active conversations"),
        (share_a_request, "requests of two conversations"),
        (resolve_unheard, "resolves not heard of"),
        (lose_answer, "answers lost"),
        (store_answer_twice, "answers stored twice"),
        (send_twice, "answers sent twice"),
        (send_never, "neither sent once nor visibly open"),
        (show_another_state, "states other than reported"),
        (show_as_failed_what_arrived, "states other than reported"),
        (cross_inbound, "crossed between sites"),
        (cross_request, "crossed between sites"),
        (cross_send, "crossed between sites"),
        (keep_from_another_round, "of another round"),
    ],
)
def test_what_went_wrong_is_found(spoil, found):
    told = deepcopy(a_story())

    spoil(told)

    assert found in judged(told)


def test_an_answer_that_failed_visibly_is_no_breach():
    told = a_story()
    told.sent, told.outgoing = [], [("client-1", ANSWER, "send-1", "failed")]

    assert judged(told) == []


def test_an_answer_that_the_panel_refused_may_be_missing():
    told = a_story()
    told.sent, told.outgoing = [], []

    assert judged(told, status=409) == []


def test_a_silent_panel_is_a_breach():
    assert judged(a_story(), status=0) == ["answers never answered"]


@pytest.mark.parametrize(
    ("changes", "under_way"),
    [
        ({}, set()),
        ({"waiting": {"inbox": 2, "outbox": 0}}, {"demo: 2 in the inbox"}),
        ({"outgoing": [("client-1", ANSWER, "send-1", "sent")]}, {"demo: 1 sends"}),
        ({"files": [("pending", "")]}, {"demo: 1 files"}),
        ({"requests": [{"key": "SUP-101", "resolution": "Done"}]}, {"demo: 1 resolves"}),
        ({"heard": [wire("in", QUESTION, "in-1")]}, {"demo: 1 messages at Infobip"}),
    ],
)
def test_quiet_is_when_nothing_is_under_way(changes, under_way):
    told = SiteStory(**vars(a_story()) | changes)

    assert told.under_way == under_way


def test_figures_of_one_name_are_added_up():
    figures = added_up([Figure("lost", 1, 0), Figure("sent", 4), Figure("lost", 2, 0)])

    assert figures == [Figure("lost", 3, 0), Figure("sent", 4)]
