"""What the console's pages cost with a million messages, sends and audit events behind them.

`make bench ARGS=records`. The ratio is to a page with an empty list, asked for in the same run; of
the reports also to the bare reading of all messages. Pages above `SLOW_MS` show their slowest plan.
Of files and of the audit chain the processor's time is told too, which other work slows less.
"""

import time

from tests.benchmarks import records_data
from tests.benchmarks.results import baseline, say

ROUNDS = 5
SLOW_MS = 400
EMPTY = "/admin/conversations/cannedreply/"
AUDIT = "/admin/conversations/auditevent/"
CUSTOMERS = "/admin/conversations/customer/"
TALKS = "/admin/conversations/conversation/"
REPORTS = "/admin/reports/"
# What is in braces is looked up in the data: see FACTS.
PAGES = (
    ("overview", "/admin/"),
    ("audit, newest", AUDIT),
    ("audit, half a year back", AUDIT + "?older={half_a_year}"),
    ("audit, the oldest", AUDIT + "?older={oldest}"),
    ("audit, newer again", AUDIT + "?newer={oldest}"),
    ("audit, one agent", AUDIT + "?who=agent-7"),
    ("audit, customers", AUDIT + "?who=kind:customer"),
    ("audit, a kind that did nothing", AUDIT + "?who=kind:system"),
    ("audit, frequent action", AUDIT + "?what=message.delivered"),
    ("audit, rare action", AUDIT + "?what=transcript.opened"),
    ("audit, on settings", AUDIT + "?subject=sendingsettings"),
    ("audit, on one message", AUDIT + "?subject=message:{message}"),
    ("audit, SMS", AUDIT + "?channel=sms"),
    ("audit, WhatsApp, that has none", AUDIT + "?channel=whatsapp"),
    ("audit, failed", AUDIT + "?result=failed"),
    ("audit, one week of summer", AUDIT + "?since={summer}&until={summer_ends}"),
    ("audit, agent and action and week", AUDIT + "?who=agent-7&what=message.accepted&since={week}"),
    ("audit, search a request", AUDIT + "?q={key}"),
    ("audit, search a message's id", AUDIT + "?q={send}"),
    ("audit, search a number", AUDIT + "?q=%2B{number}"),
    ("audit, search in vain", AUDIT + "?q=nothing-like-it"),
    ("customers", CUSTOMERS),
    ("customers, page 50", CUSTOMERS + "?p=50"),
    ("customers, part of a name", CUSTOMERS + "?q=Customer 77"),
    ("customers, no such name", CUSTOMERS + "?q=Nobody at all"),
    ("customers, a number", CUSTOMERS + "?q=%2B{number}"),
    ("customers, opted out", CUSTOMERS + "?consent=opted-out"),
    ("customers, one", CUSTOMERS + "{customer}/change/"),
    ("conversations", TALKS),
    ("conversations, page 50", TALKS + "?p=50"),
    ("conversations, ended", TALKS + "?state=ended"),
    ("conversations, one project", TALKS + "?project=HR"),
    ("conversations, one agent", TALKS + "?agent=agent-7"),
    ("conversations, failed", TALKS + "?failed=yes"),
    ("conversations, a key", TALKS + "?q={key}"),
    ("conversations, a name", TALKS + "?q=Customer 77"),
    ("conversations, a number", TALKS + "?q=%2B{number}"),
    ("conversations, a message's id", TALKS + "?q={send}"),
    ("transcript", TALKS + "{conversation}/change/"),
    ("report, 30 days", REPORTS + "?period=30"),
    ("report, a year", REPORTS + "?first={year_ago}&last={today}"),
    ("report, a year of a project", REPORTS + "?first={year_ago}&last={today}&project=SUP"),
    ("report, a year of an agent", REPORTS + "?first={year_ago}&last={today}&agent=agent-7"),
    ("report, a year of a sender", REPORTS + "?first={year_ago}&last={today}&sender={sender}"),
    ("report, CSV of a year's agents", REPORTS + "agents.csv?first={year_ago}&last={today}"),
)
EXPORTS = (
    ("audit, CSV of 90 days", AUDIT + "export/csv/?since={quarter}"),
    ("audit, JSON of 90 days", AUDIT + "export/json/?since={quarter}"),
    ("customers, all as CSV", CUSTOMERS + "export/"),
)
PROGRAM = """
import json
from datetime import timedelta
from statistics import median
from time import perf_counter, process_time
from urllib.parse import quote

from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conversations import audit, audit_chain
from conversations.admin.paging import Keyset
from conversations.models import AuditEvent, Conversation, Send, Sender
from logins.roles import Role
from tenants.context import tenant_context
from tenants.models import Site
from tests.consoles import client_of

settings.ALLOWED_HOSTS = ["*"]
site = Site.objects.get(schema_name=SCHEMA)

def facts():
    talk = Conversation.objects.filter(issue_key__startswith="SUP-").order_by("-pk")[100]
    send = Send.objects.filter(message__conversation=talk).first() or Send.objects.first()
    number = talk.customer.phone_numbers.get().key
    for _turn in range(30):
        audit.record("message.accepted", actor_kind="agent", actor="agent-7", address=number)
    order = Keyset("-occurred_at", "-id")
    events, now = AuditEvent.objects.order_by("occurred_at", "id"), timezone.now()
    day = lambda back: (now - timedelta(days=back)).date().isoformat()
    return {
        "half_a_year": order.cursor_of(events.filter(occurred_at__gt=now - timedelta(183)).first()),
        "oldest": order.cursor_of(events[60]), "message": send.message_id, "key": talk.issue_key,
        "send": send.pk, "number": number, "customer": talk.customer_id, "conversation": talk.pk,
        "sender": Sender.objects.get(number="385952000001").pk, "today": day(0), "week": day(7),
        "quarter": day(90), "year_ago": day(364), "summer": day(140), "summer_ends": day(134),
    }

def ask(client, path):
    began, cpu = perf_counter(), process_time()
    answer = client.post(path) if path.endswith("/export/") else client.get(path)
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    taken = perf_counter() - began, process_time() - cpu
    return taken, answer.status_code, body

def follow_the_chain():
    # Sealed first, so that all of it is checked.
    while audit.seal():
        pass
    began, cpu, events = perf_counter(), process_time(), 0
    link = audit_chain.start()
    while isinstance(link, audit_chain.Link):
        events += link.events
        link = audit_chain.follow(link)
    return {"seconds": perf_counter() - began, "cpu": process_time() - cpu, "events": events,
            "whole": link is None}

def measure(client, path, rounds):
    with tenant_context(site), CaptureQueriesContext(connection) as asked:
        _taken, status, body = ask(client, path)
    queries = asked.captured_queries  # another request empties the log
    taken = [ask(client, path)[0] for _round in range(rounds)]
    slowest = max(queries, key=lambda query: float(query["time"]), default=None)
    found = {"ms": median(wall for wall, _cpu in taken) * 1000, "status": status,
             "cpu": median(cpu for _wall, cpu in taken), "queries": len(queries),
             "bytes": len(body), "lines": body.count(b"\\n")}
    if found["ms"] > SLOW_MS and slowest and slowest["sql"].split()[0] in ("SELECT", "WITH"):
        with tenant_context(site), connection.cursor() as cursor:
            cursor.execute("EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) " + slowest["sql"])
            found["plan"] = [row for (row,) in cursor.fetchall()]
    return found

with tenant_context(site):
    client = client_of("bench", Role.OWNER)
    known = {name: quote(str(value)) for name, value in facts().items()}
    with connection.cursor() as cursor:
        cursor.execute("SET enable_indexonlyscan = off")
        times = []
        for _round in range(ROUNDS):
            began = perf_counter()
            cursor.execute("SELECT count(*) FROM conversations_message")
            times.append(perf_counter() - began)
        cursor.execute("RESET enable_indexonlyscan")
found = {"scan": median(times) * 1000, "pages": {}}
for title, path, rounds in [("baseline", EMPTY, 20), *((*page, ROUNDS) for page in PAGES),
                            *((*page, 1) for page in EXPORTS)]:
    found["pages"][title] = measure(client, path.format(**known), rounds)
with tenant_context(site):
    found["chain"] = follow_the_chain()
print(json.dumps(found))
"""


def measure(run, part):
    say("Writing a million messages, sends and audit events...")
    began = time.monotonic()
    with run.connect(run.schema) as connection:
        records_data.fill(connection)
    say(f"... in {time.monotonic() - began:.0f} s.")
    told = (
        f"SCHEMA, ROUNDS, SLOW_MS, EMPTY = {run.schema!r}, {ROUNDS}, {SLOW_MS}, {EMPTY!r}\n"
        f"PAGES, EXPORTS = {PAGES!r}, {EXPORTS!r}\n"
    )
    found = run.ask_product(told + PROGRAM)
    _add_pages(part, found["pages"], found["scan"])
    chain = found["chain"]
    part.add(
        "records.chain",
        f"audit chain, {'whole' if chain['whole'] else 'BROKEN'}",
        {"all": chain["seconds"]},
        "s",
        more=f"{chain['events']:,} events, {chain['cpu'] / chain['events'] * 1e6:.0f} µs of"
        " processor each",
    )
    for title, page in found["pages"].items():
        if "plan" in page:
            say(f"\n  {title}:\n    " + "\n    ".join(page["plan"]))


def _add_pages(part, pages, scan):
    empty = baseline("a page with an empty list", pages.pop("baseline")["ms"], "ms")
    counting = baseline("counting all messages", scan, "ms")
    for title, page in pages.items():
        beside = counting if title.startswith("report") else empty
        more = f"{page['queries']} queries, {page['bytes'] / 1000:.0f} kB"
        if title in dict(EXPORTS):
            more += f", {page['cpu'] / page['lines'] * 1e6:.0f} µs of processor a line"
        if page["status"] != 200:
            more += f", STATUS {page['status']}"
        part.add(
            f"records.{title.replace(',', '').replace(' ', '-')}",
            title,
            {"p50": page["ms"]},
            "ms",
            baseline=beside,
            ratio=page["ms"] / beside["value"],
            more=more,
        )
