"""Counts what became of it all: the sandbox and the database must tell the same story."""

import json
import sqlite3
from collections import Counter
from dataclasses import dataclass

import httpx

AUDIT = """
import json
from conversations import audit, audit_chain
from conversations.models import AuditEvent, AuditSeal
from tenants.context import schema_context
with schema_context({schema!r}):
    while audit.seal():
        pass
    broken = audit_chain.first_break()
    sealed = sum(AuditSeal.objects.values_list("events", flat=True))
    print(json.dumps({{
        "broken": broken and broken.seal, "sealed": sealed, "events": AuditEvent.objects.count(),
    }}))
"""
VISIBLY_OPEN = {"failed", "unconfirmed"}


@dataclass(frozen=True)
class Figure:
    """A line of the table; without an expectation it is only told."""

    name: str
    found: object
    expected: object = None

    @property
    def breached(self):
        return self.expected is not None and self.found != self.expected


class Evidence:
    """Everything that was written down, read once."""

    def __init__(self, run):
        self.taken = _taken(run.state / "sandbox" / "sandbox.sqlite3")
        site = run.described["site"]
        infobip, jira = run.described["infobip"], run.described["jira"]
        self.sent = _get(f"{infobip}/_sandbox/messages")["messages"]
        self.requests = _get(f"{jira}/_sandbox/requests?site={site}")["requests"]
        with run.connect(run.schema) as db:
            self.inbound = _rows(
                db,
                "SELECT provider_id, text FROM conversations_message WHERE direction = 'in'",
            )
            self.outgoing = _rows(
                db,
                "SELECT message.client_id::text, send.id::text, send.state"
                " FROM conversations_message AS message"
                " LEFT JOIN conversations_send AS send ON send.message_id = message.id"
                " WHERE direction = 'out'",
            )
            self.conversations = _rows(
                db, "SELECT customer_id, issue_key FROM conversations_conversation"
            )
            self.inbox = dict(
                _rows(db, "SELECT state, count(*) FROM conversations_inboxentry GROUP BY state")
            )
            self.outbox = dict(
                _rows(db, "SELECT state, count(*) FROM conversations_outboxentry GROUP BY state")
            )

    @property
    def quiet(self):
        """Whether nothing is under way any more."""
        open_states = {"queued", "sending", "sent"}
        return not (
            self.inbox.get("new")
            or self.outbox.get("pending")
            or any(state in open_states for _client, _send, state in self.outgoing)
        )


def figures(run, people, plan):
    """Return the table."""
    found = Evidence(run)
    return [
        *_inbound_figures(found, people, plan),
        *_request_figures(found, plan),
        *_reply_figures(found, people, plan),
        Figure("inbox items left or quarantined", _left(found.inbox), 0),
        Figure("outbox entries left or dead", _left(found.outbox), 0),
        *_audit_figures(run),
    ]


def _inbound_figures(found, people, plan):
    kept = Counter(provider_id for provider_id, _text in found.inbound)
    texts = Counter(text for _provider_id, text in found.inbound)
    return [
        Figure("messages written by customers", len(people.written), len(plan.inbound)),
        Figure("refused at first, pushed again", people.refused_at_first),
        Figure("accepted by the webhook", len(found.taken & set(people.written)), len(kept)),
        Figure("lost", len(set(people.written) - set(kept)), 0),
        Figure("doubled", sum(texts.values()) - len(texts), 0),
        Figure("in nobody's hand", len(set(kept) - set(people.written)), 0),
    ]


def _request_figures(found, plan):
    customers = {inbound.number for inbound in plan.inbound}
    opened = Counter(
        number
        for request in found.requests
        for number in customers
        if request["summary"].endswith(number)
    )
    keys = {request["key"] for request in found.requests}
    return [
        Figure("customers with a request", len(opened), len(customers)),
        Figure("second requests of a customer", sum(opened.values()) - len(opened), 0),
        Figure("requests nobody asked for", len(found.requests) - sum(opened.values()), 0),
        Figure("conversations", len(found.conversations), len(customers)),
        Figure(
            "conversations without their request",
            sum(key not in keys for _customer, key in found.conversations),
            0,
        ),
    ]


def _reply_figures(found, people, plan):
    sent = Counter(message["message_id"] for message in found.sent)
    reported = {message["message_id"]: message["state"] for message in found.sent}
    stored = Counter(client_id for client_id, _send, _state in found.outgoing)
    reached = [sent[send] for _client, send, state in found.outgoing if state not in VISIBLY_OPEN]
    apart = [
        (send, state)
        for _client, send, state in found.outgoing
        if state not in VISIBLY_OPEN
        and {"seen": "read"}.get(reported.get(send), reported.get(send)) != state
    ]
    return [
        Figure("answers of agents", len(people.answered), len(plan.replies)),
        Figure("refused by the panel", len(people.refused), 0),
        Figure("posted again by the panel", people.repeated_posts),
        Figure("answers lost", len(set(people.answered) - set(stored)), 0),
        Figure("answers stored twice", sum(stored.values()) - len(stored), 0),
        Figure("sent more than once", sum(count > 1 for count in sent.values()), 0),
        Figure("neither sent once nor visibly open", sum(count != 1 for count in reached), 0),
        Figure("shown as failed or not confirmed", len(found.outgoing) - len(reached)),
        Figure(
            "repeats that Infobip refused", sum(message["duplicates"] for message in found.sent)
        ),
        Figure("states other than reported", len(apart), 0),
    ]


def _audit_figures(run):
    audit = run.ask_product(AUDIT.format(schema=run.schema))
    return [
        Figure("audit events", audit["events"]),
        Figure("audit events not sealed", audit["events"] - audit["sealed"], 0),
        Figure("broken audit seal", audit["broken"] or "none", "none"),
    ]


def _left(states):
    return sum(count for state, count in states.items() if state != "done")


def _taken(store):
    """Return the ids of customers' messages that the webhook has answered with 200."""
    with sqlite3.connect(f"file:{store}?mode=ro", uri=True) as database:
        rows = database.execute("SELECT body FROM document WHERE kind = 'infobip.message'")
        messages = [json.loads(body) for (body,) in rows]
    return {m["message_id"] for m in messages if m["direction"] == "in" and m["taken_at"]}


def _rows(connection, statement):
    return connection.execute(statement).fetchall()


def _get(url):
    answer = httpx.get(url, trust_env=False, timeout=20)
    answer.raise_for_status()
    return answer.json()
