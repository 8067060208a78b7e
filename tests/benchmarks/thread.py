"""What a panel's questions cost with 50 messages, and with 5,000 messages and 200 events.

`make bench ARGS=thread`. The server's time: view, queries and templates, without the web server.
The baseline is the same question with 50 messages, asked in turn.
"""

from tests.benchmarks.results import Goal, baseline
from tests.browser.desk import Customer, Product
from tests.local_run import wait_until

ROUNDS = 40
SIZES = ((50, 0), (5000, 200))  # messages and events
BEGUN = "SELECT id FROM conversations_conversation WHERE issue_id <> '' ORDER BY id"
MESSAGES = """
INSERT INTO conversations_message (
    conversation_id, direction, channel, kind, text, content, sender_id, address_id, provider_id,
    author, auto_reply, quoted_provider_id, reaction, occurred_at, created_at, version
)
SELECT conversation_id, CASE WHEN number %% 3 = 0 THEN 'out' ELSE 'in' END, channel, 'text',
    'Message ' || number || ' of a customer who has much to say about a parcel.', '{}', sender_id,
    address_id, '', CASE WHEN number %% 3 = 0 THEN 'ana' ELSE '' END, '', '', '',
    occurred_at - number * interval '3 minutes', created_at, 0
FROM conversations_message, generate_series(1, %(count)s - 1) AS number
WHERE id = (SELECT min(id) FROM conversations_message WHERE conversation_id = %(conversation)s)
"""
SENDS = """
INSERT INTO conversations_send (
    id, message_id, number, channel, sender_id, address_id, state, provider_id, failure, error_code,
    error_text, error_permanent, by_fallback, created_at
)
SELECT gen_random_uuid(), id, 1, channel, sender_id, address_id, 'delivered', '', '', '', '', false,
    false, created_at
FROM conversations_message WHERE conversation_id = %(conversation)s AND direction = 'out'
"""
EVENTS = """
INSERT INTO conversations_auditevent (
    occurred_at, transaction_id, actor_kind, actor, action, subject_type, subject_id, issue_key,
    channel, address_hash, result, detail
)
SELECT now() - number * interval '1 hour', pg_current_xact_id()::text::bigint, 'agent', 'ana',
    'conversation.paused', 'conversation', '%(conversation)s', '', '', '', '', '{"version": 0}'
FROM generate_series(1, %(count)s) AS number
"""
PROGRAM = """
import json
from statistics import median
from time import perf_counter
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from conversations.contracts import Agent
from conversations.models import Conversation
from jira_bridge import panel_session
from tenants.context import schema_context

client = Client(headers={"host": urlsplit(settings.APP_URL).netloc})

def ask(conversation, path, **query):
    agent = Agent(
        schema_name=SCHEMA, account_id="ana", name="Ana", issue_id=conversation.issue_id,
        issue_key=conversation.issue_key, may_reply=True, time_zone="Europe/Zagreb",
    )
    token = panel_session.issue(agent)
    began = perf_counter()
    bearer = {"authorization": f"Bearer {token}"}
    answer = client.get(f"/panel/{conversation.issue_id}/{path}", query, headers=bearer)
    assert answer.status_code in (200, 204), answer.status_code
    return perf_counter() - began, answer

with schema_context(SCHEMA):
    conversations = [Conversation.objects.get(pk=pk) for pk in IDS]
found = {}
asked_for = (
    ("view", "view", 0), ("nothing new", "updates", 0), ("one new", "updates", 1),
    ("search", "search", 0),
)
for title, path, back in asked_for:
    questions = []
    for conversation in conversations:
        _time, view = ask(conversation, "view")
        stands = {"after": int(view.headers["X-Cursor"]) - back, "seen": view.headers["X-Seen"]}
        query = {"q": "parcel"} if path == "search" else stands if path == "updates" else {}
        with CaptureQueriesContext(connection) as asked:
            ask(conversation, path, **query)
        questions.append((conversation, query, len(asked)))
    times = [[], []]
    for _round in range(ROUNDS):
        for place, (conversation, query, _queries) in enumerate(questions):
            times[place].append(ask(conversation, path, **query)[0])
    found[title] = [
        {"ms": median(each) * 1000, "queries": question[2]}
        for each, question in zip(times, questions)
    ]
print(json.dumps(found))
"""


def measure(run, part):
    product = Product(run.described, run.state)
    for place in range(len(SIZES)):
        Customer(product, f"38599123450{place}").writes("sms", "Hello")
    with run.connect(run.schema) as connection:
        ids = wait_until(lambda: begun(connection))
        for pk, (messages, events) in zip(ids, SIZES, strict=True):
            connection.execute(MESSAGES, {"conversation": pk, "count": messages})
            connection.execute(SENDS, {"conversation": pk})
            connection.execute(EVENTS, {"conversation": pk, "count": events})
        connection.execute("ANALYZE")
    told = f"SCHEMA, IDS, ROUNDS = {run.schema!r}, {ids!r}, {ROUNDS}\n"
    for title, (few, many) in run.ask_product(told + PROGRAM).items():
        part.add(
            f"thread.{title.replace(' ', '-')}",
            f"5,000 messages, {title}",
            {"p50": many["ms"]},
            "ms",
            baseline=baseline("with 50 messages", few["ms"], "ms"),
            ratio=many["ms"] / few["ms"],
            goal=Goal("p50", at_most=150) if title == "view" else None,
            more=f"{few['queries']} and {many['queries']} queries",
        )


def begun(connection):
    """Return the conversations, once all have their requests."""
    found = [pk for (pk,) in connection.execute(BEGUN).fetchall()]
    return found if len(found) == len(SIZES) else None
