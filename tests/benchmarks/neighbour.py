"""A site with 10,000 things queued in each direction beside another's: `make bench ARGS=neighbour`.

The quiet site's messages and replies are measured alone, then while the worker has the busy one's
customers to hear and its agents' answers to send. Nothing of this waits for an end of the queues.
"""

import signal
from contextlib import contextmanager

import httpx

from tests.benchmarks.flow import arrivals
from tests.benchmarks.panels import panels_of, play, processor_of, wait_until_quiet
from tests.benchmarks.processes import Processes, hooks
from tests.benchmarks.results import Goal, baseline, spread
from tests.local_run import RunFailed

BUSY = "busy"
QUEUED = 10_000
BATCH = 100
PANELS = 50
PER_SECOND = 10
SECONDS = 20
# In the product: answers of agents, promised as the panel promises them, over a hundred threads.
QUEUE_ANSWERS = """
import json
from django.utils import timezone
from conversations.models import Conversation, Message, OutboxEntry, Send
from tenants import pending_work
from tenants.context import schema_context

pending_work.mark(SCHEMA)
with schema_context(SCHEMA):
    first = Message.objects.filter(direction="in", conversation__in=CONVERSATIONS)
    answers = [
        Message(
            conversation_id=each.conversation_id, direction="out", channel="sms", author="ana",
            text=f"It is on its way, {number}.", sender_id=each.sender_id,
            address_id=each.address_id, occurred_at=timezone.now(), version=0,
        )
        for each in first for number in range(COUNT // len(CONVERSATIONS))
    ]
    Message.objects.bulk_create(answers)
    sends = [
        Send(
            message=each, channel="sms", sender_id=each.sender_id, address_id=each.address_id,
            parts=1,
        )
        for each in answers
    ]
    Send.objects.bulk_create(sends)
    OutboxEntry.objects.bulk_create(
        OutboxEntry(
            topic="message.deliver", group=f"conversation:{each.message.conversation_id}",
            subject=str(each.pk),
        )
        for each in sends
    )
print(json.dumps(len(sends)))
"""
WAITING = """
SELECT (SELECT count(*) FROM "{0}".conversations_inboxentry WHERE state = 'new'),
    (SELECT count(*) FROM "{0}".conversations_outboxentry WHERE state = 'pending')
"""


def measure(run, part):
    with hooks(run) as web:
        processes = Processes(run, web)
        panels = panels_of(run, [run.schema], made=PANELS)
        alone = _play(run, processes, panels, web.port)
        wait_until_quiet(run, [run.schema])
        busy = _second_site(run)
        with _worker_stopped(run):
            _queue(run, busy)
        beside = _play(run, processes, panels, web.port)
        with run.connect() as connection:
            left = connection.execute(WAITING.format(busy["schema"])).fetchone()
    _require_busy(left)
    more = f"{left[0]:,} inbound rows and {left[1]:,} promises of the neighbour waited at the end"
    titles = {"write": "phone to agent's screen", "answer": "agent's reply to Infobip"}
    for act, title in titles.items():
        part.add(
            f"neighbour.{act}",
            f"{title}, beside a neighbour with {QUEUED:,} queued each way",
            beside[act],
            "s",
            baseline=baseline("p95 without the neighbour", alone[act]["p95"], "s"),
            ratio=beside[act]["p95"] / alone[act]["p95"],
            goal=Goal("ratio", at_most=1.2),
            more=f"{PER_SECOND}/s; {more}; {beside['words'][act]}",
        )


def _play(run, processes, panels, port):
    how = {"per_second": PER_SECOND, "seconds": SECONDS, "webhook_port": port}
    wrote = play(run, processes, panels, act="write", **how)
    words = {"write": processor_of(wrote, processes)[0]}
    answered = play(run, processes, panels, act="answer", **how)
    arrived = arrivals(run, answered["began"])
    words["answer"] = processor_of(answered, processes)[0]
    seconds = [arrived[text] - at for text, at in answered["began"].items()]
    return {"write": spread(wrote["screen"]), "answer": spread(seconds), "words": words}


def _second_site(run):
    """Install the app on another site of the sandbox's; returns its addresses."""
    jira, infobip = run.described["jira"], run.described["infobip"]
    with httpx.Client(trust_env=False, timeout=120) as client:
        told = (
            client.post(f"{jira}/_sandbox/install", json={"site": BUSY}).raise_for_status().json()
        )
        accounts = client.get(f"{infobip}/_sandbox/accounts").json()["accounts"]
    with run.connect() as connection:
        query = "SELECT schema_name FROM public.tenants_site WHERE slug = %s"
        (schema,) = connection.execute(query, (told["site"],)).fetchone()
    (sender,) = (each["senders"]["sms"] for each in accounts if each["site"] == told["site"])
    return told | {"schema": schema, "sender": sender}


@contextmanager
def _worker_stopped(run):
    run.signal("worker", signal.SIGSTOP, group=True)
    try:
        yield
    finally:
        run.signal("worker", signal.SIGCONT, group=True)


def _queue(run, busy):
    """Let new customers write, and agents answer others, while no worker looks."""
    with httpx.Client(trust_env=False, timeout=60) as client:
        for first in range(0, QUEUED, BATCH):
            rows = [_row(number, busy["sender"]) for number in range(first, first + BATCH)]
            body = {"results": rows, "messageCount": BATCH, "pendingMessageCount": 0}
            client.post(busy["webhook_url"], json=body).raise_for_status()
    panels = panels_of(run, [busy["schema"]], made=100, sender=busy["sender"])
    talks = [each["conversation"] for each in panels]
    told = f"SCHEMA, CONVERSATIONS, COUNT = {busy['schema']!r}, {talks!r}, {QUEUED}\n"
    run.ask_product(told + QUEUE_ANSWERS)


def _row(number, sender):
    return {
        "messageId": f"queued-{number}",
        "from": f"38599{number:07d}",
        "to": sender,
        "text": "Where is my parcel?",
        "cleanText": "Where is my parcel?",
        "keyword": "",
        "receivedAt": "2026-11-20T09:30:00.000+0000",
        "smsCount": 1,
        "callbackData": "",
    }


def _require_busy(left):
    if min(left) < QUEUED / 10:
        raise RunFailed(f"The neighbour was done too early: {left} waited at the end.")
