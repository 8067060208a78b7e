"""On each broker: conversations to and fro while one of two webs and workers is killed."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from sandbox.environment import SITE
from tests.chaos.people import People
from tests.chaos.plan import CHANNELS, Inbound, Reply
from tests.services.stores import BROKERS, postgresql
from tests.services.two_of_each import WEBS, WORKERS, two_of_each

CUSTOMERS, MESSAGES, REPLIES = 4, 4, 3  # customers of each channel; of each customer
PATIENCE_SECONDS = 120
# Answers of Infobip and Jira that come late, so that something is under way when a worker dies.
SLOW = {"kind": "slow", "times": 20, "seconds": 1.0}
SLOW_ROUTES = {"infobip": "/", "jira": "/rest/"}
NUMBERS = {
    channel: [f"38597{place}00000{one}" for one in range(CUSTOMERS)]
    for place, channel in enumerate(CHANNELS)
}


@pytest.fixture(params=BROKERS)
def run(request, tmp_path_factory):
    base = tmp_path_factory.mktemp(request.param)
    folders = [base / name for name in ("database", "broker", "state")]
    for folder in folders:
        folder.mkdir(mode=0o700)
    with (
        postgresql(folders[0]) as database_url,
        BROKERS[request.param](folders[1]) as broker_url,
        two_of_each(folders[2], database_url, broker_url) as there,
    ):
        yield there


def test_nothing_is_lost_or_doubled_while_one_of_two_is_killed(run):
    people = People(run, deadline=time.monotonic() + PATIENCE_SECONDS)
    for neighbour, route in SLOW_ROUTES.items():
        fault = SLOW | {"route": route}
        httpx.post(f"{run.described[neighbour]}/_sandbox/faults", json=fault, trust_env=False)

    with ThreadPoolExecutor(2 * CUSTOMERS * len(CHANNELS)) as pool:
        doing = [pool.submit(converse, people, number, channel) for channel, number in customers()]
        run.there.wait_until(WEBS[0], lambda: len(people.written[SITE]) > CUSTOMERS * MESSAGES)
        run.there.kill(WEBS[0])
        run.there.kill(WORKERS[0])
        for each in doing:
            each.result()
    wait_until_quiet(run, people)

    written, said = people.written[SITE], people.said[SITE]
    assert len(written) == len(customers()) * MESSAGES
    assert Counter(inbound(run)) == Counter(list(written))
    assert {answer.status for answer in said.values()} <= {200, 201}
    assert Counter(sent(run)) == Counter(answer.text for answer in said.values())
    assert Counter(requests_by_number(run)) == Counter(number for _channel, number in customers())
    assert states(run) == {"delivered"}
    assert run.rows("SELECT topic FROM conversations_outboxentry WHERE state = 'dead'") == []
    assert run.there.running[WEBS[1]].poll() is None
    assert run.there.running[WORKERS[1]].poll() is None


def customers():
    return [(channel, number) for channel in CHANNELS for number in NUMBERS[channel]]


def converse(people, number, channel):
    """A customer writes and is answered, again and again."""
    for turn in range(max(MESSAGES, REPLIES)):
        if turn < MESSAGES:
            text = f"Message {turn} of {number}"
            people.write(Inbound(0.0, SITE, number, channel, text))
        if turn < REPLIES:
            people.answer(Reply(0.0, SITE, number, f"Answer {turn} to {number}"))


def wait_until_quiet(run, people):
    """Wait until each message is there, nothing waits, and every send was reported on."""

    while left := open_ends(run, people):
        assert time.monotonic() < people.deadline, left
        time.sleep(0.3)


def open_ends(run, people):
    """Return what is still under way; what is promised for much later is not."""
    return [
        *set(people.written[SITE]).difference(inbound(run)),
        *states(run).difference({"delivered"}),
        *run.rows("SELECT 'new', source FROM conversations_inboxentry WHERE state = 'new'"),
        *run.rows(
            "SELECT topic, attempts, run_after - now() FROM conversations_outboxentry"
            " WHERE state = 'pending' AND run_after < now() + interval '10 minutes'"
        ),
    ]


def inbound(run):
    return [
        provider_id
        for (provider_id,) in run.rows(
            "SELECT provider_id FROM conversations_message WHERE direction = 'in'"
        )
    ]


def states(run):
    found = run.rows(
        "SELECT send.state FROM conversations_send AS send JOIN conversations_message AS message"
        " ON message.id = send.message_id WHERE message.text LIKE 'Answer %'"
    )
    return {state for (state,) in found}


def sent(run):
    """Return the texts of agents that Infobip has taken."""
    answer = httpx.get(f"{run.described['infobip']}/_sandbox/messages", trust_env=False).json()
    texts = [message["text"] for message in answer["messages"]]
    return [text for text in texts if text.startswith("Answer ")]


def requests_by_number(run):
    url = f"{run.described['jira']}/_sandbox/requests?site={SITE}"
    found = httpx.get(url, trust_env=False).json()["requests"]
    return [request["summary"].rpartition(" ")[2] for request in found]
