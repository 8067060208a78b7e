"""Agents at their panels: which conversations there are, with sessions, and how they are played."""

import time
from functools import partial
from urllib.parse import urlsplit

from tests.benchmarks.processes import in_words, stream_port, used
from tests.benchmarks.throughput import beside
from tests.local_run import RunFailed, wait_until

SENDER = "385951006719"
PATIENCE = 120  # seconds
# In the product: sessions for the conversations of some sites, and the addresses to write to them.
PROGRAM = """
import json
from urllib.parse import urlsplit

from conversations.contracts import Agent
from conversations.models import Address, Conversation, Customer, Message, PhoneNumber, Sender
from jira_bridge import panel_session
from tenants.context import tenant_context
from tenants.models import Site

def make(count):
    sender, _made = Sender.objects.get_or_create(channel="sms", number=SENDER)
    before = Conversation.objects.count()
    for number in range(before, before + count):
        customer = Customer.objects.create()
        phone = PhoneNumber.objects.create(customer=customer, key=f"38597{number:05d}00")
        address = Address.objects.create(phone_number=phone, channel="sms", value=phone.key)
        talk = Conversation.objects.create(
            customer=customer, channel="sms", state="active", issue_id=str(20_000 + number),
            issue_key=f"BENCH-{number}",
        )
        Message.objects.create(
            conversation=talk, direction="in", channel="sms", text="Hello", sender=sender,
            address=address, provider_id=f"begun-{number}", occurred_at=talk.created_at, version=0,
        )
        yield talk.pk

def told(site, path, chosen):
    first = Message.objects.filter(direction="in").exclude(conversation__issue_id="")
    if chosen:
        first = first.filter(conversation__in=chosen)
    first = first.order_by("conversation_id", "pk").distinct("conversation_id")
    for message in first.select_related("conversation", "sender", "address"):
        talk = message.conversation
        agent = Agent(
            schema_name=site.schema_name, account_id=f"agent-{talk.pk}", name="Ana",
            issue_id=talk.issue_id, issue_key=talk.issue_key, may_reply=True,
            time_zone="Europe/Zagreb",
        )
        yield {
            "path": path, "channel": message.channel, "number": message.address.value,
            "sender": message.sender.number, "issue": talk.issue_id, "conversation": talk.pk,
            "token": panel_session.issue(agent), "sender_id": message.sender_id,
            "address_id": message.address_id,
        }

found = []
for site in Site.objects.filter(schema_name__in=SCHEMAS).order_by("pk"):
    key = site.inbound_keys.filter(retires_at=None).latest("pk")
    with tenant_context(site):
        made = list(make(MADE)) if MADE else []
        found += told(site, urlsplit(key.webhook_url).path, made)
print(json.dumps(found))
"""
WAITING = """
SELECT (SELECT count(*) FROM "{0}".conversations_inboxentry WHERE state = 'new' LIMIT 1)
     + (SELECT count(*) FROM "{0}".conversations_outboxentry
        WHERE state = 'pending' AND run_after < now() + interval '10 seconds')
"""


def panels_of(run, schemas, *, made=0, sender=SENDER):
    """Return a panel for each conversation of some sites, or of so many that are made at each."""
    told = f"SCHEMAS, MADE, SENDER = {schemas!r}, {made}, {sender!r}\n"
    return run.ask_product(told + PROGRAM)


def play(run, processes, panels, *, act, per_second, seconds, webhook_port):
    """Have customers write or agents answer, and return what the generator tells."""
    app = urlsplit(run.described["app"])
    asked = {
        "app": [app.hostname, app.port],
        "stream": [app.hostname, stream_port(run)],
        "webhook": [app.hostname, webhook_port],
        "panels": panels,
        "processes": [(group.name, group.leader) for group in processes.groups],
        "act": act,
        "per_second": per_second,
        "count": round(per_second * seconds),
    }
    told = beside("tests.benchmarks.exchange", asked)
    if told["refused"]:
        raise RunFailed(f"Refused, by status: {told['refused']}.")
    if act == "write" and told["missing"]:
        raise RunFailed(f"{told['missing']} messages came on no screen.")
    return told


def processor_of(told, processes):
    """Say who was how busy since a load began, and return the product's seconds of processor."""
    busy, product = used(told["before"], processes.seconds())
    generator = f"the generator {told['own_cpu']:.0%}"
    return f"{in_words(busy, time.time() - told['began_at'])}, {generator}", product


def wait_until_quiet(run, schemas):
    """Wait until nothing is waiting at these sites, and return the seconds that it took."""
    began = time.monotonic()
    with run.connect() as connection:
        for schema in schemas:
            wait_until(partial(_is_quiet, connection, schema), PATIENCE)
    return time.monotonic() - began


def _is_quiet(connection, schema):
    return connection.execute(WAITING.format(schema)).fetchone() == (0,)
