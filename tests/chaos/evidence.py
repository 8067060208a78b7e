"""Reads what was written down about a round: by the sandbox, and by the product itself."""

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field

# Entries that are only planned, such as a site's hourly questions, wait for nobody.
WAITING = """
SELECT count(*) FROM conversations_outboxentry
WHERE state = 'pending'
    AND (attempts > 0 OR turn_at IS NOT NULL OR run_after < now() + interval '20 seconds')
"""
ENTRIES = """
SELECT topic, subject, state, attempts, last_error, round(extract(epoch FROM run_after - now()))
FROM conversations_outboxentry
WHERE state IN ('dead', 'pending') AND attempts > 0 ORDER BY id
"""
INBOUND = """
SELECT message.provider_id, message.text, conversation.issue_key
FROM conversations_message AS message
JOIN conversations_address AS address ON address.id = message.address_id
JOIN conversations_conversation AS conversation ON conversation.id = message.conversation_id
WHERE message.direction = 'in' AND address.value = ANY(%s)
"""
OUTGOING = """
SELECT message.client_id::text, message.text, send.id::text, send.state
FROM conversations_message AS message
JOIN conversations_address AS address ON address.id = message.address_id
LEFT JOIN conversations_send AS send ON send.message_id = message.id
WHERE message.direction = 'out' AND address.value = ANY(%s)
"""
CONVERSATIONS = """
SELECT conversation.customer_id, conversation.issue_key, conversation.state
FROM conversations_conversation AS conversation
WHERE conversation.customer_id IN (
    SELECT owner.customer_id FROM conversations_phonenumber AS owner
    JOIN conversations_address AS address ON address.phone_number_id = owner.id
    WHERE address.value = ANY(%s)
)
"""
FILES = """
SELECT attachment.state, attachment.problem
FROM conversations_attachment AS attachment
JOIN conversations_message AS message ON message.id = attachment.message_id
JOIN conversations_address AS address ON address.id = message.address_id
WHERE address.value = ANY(%s)
"""


@dataclass
class SiteStory:
    """What became of a round on one site.

    `heard` and `sent` are Infobip's, `requests` Jira's; the rest is the product's own.
    """

    site: str
    heard: list[dict] = field(default_factory=list)
    sent: list[dict] = field(default_factory=list)
    requests: list[dict] = field(default_factory=list)
    inbound: list[tuple] = field(default_factory=list)
    outgoing: list[tuple] = field(default_factory=list)
    conversations: list[tuple] = field(default_factory=list)
    files: list[tuple] = field(default_factory=list)
    waiting: dict[str, int] = field(default_factory=dict)
    buried: dict[str, int] = field(default_factory=dict)
    """Quarantined and dead: all there ever were."""

    @property
    def unheard(self):
        """The requests that Jira has resolved while their conversation goes on."""
        resolved = {request["key"] for request in self.requests if request["resolution"]}
        return [
            key
            for _customer, key, state in self.conversations
            if key in resolved and state != "ended"
        ]

    @property
    def under_way(self):
        """What has still to happen, in words; nothing when all is quiet."""
        found = {f"{count} in the {name}" for name, count in self.waiting.items() if count}
        moving = sum(state in {None, "queued", "sending", "sent"} for *_, state in self.outgoing)
        found |= {f"{moving} sends"} if moving else set()
        untold = sum(not each["taken_at"] for each in self.heard)
        found |= {f"{untold} messages at Infobip"} if untold else set()
        coming = sum(state == "pending" for state, _problem in self.files)
        found |= {f"{coming} files"} if coming else set()
        found |= {f"{len(self.unheard)} resolves"} if self.unheard else set()
        return {f"{self.site}: {each}" for each in found}


def newest(ledger):
    """Return the number of the newest document: what a round adds comes after it."""
    with closing(_open(ledger)) as database:
        return database.execute("SELECT coalesce(max(number), 0) FROM document").fetchone()[0]


def story(stage, site, numbers, *, since):
    """Read all there is about these people's numbers on one site."""
    told = SiteStory(site)
    with closing(_open(stage.ledger)) as ledger:
        for message in _documents(ledger, "infobip.message", since):
            if message["site"] == site:
                (told.heard if message["direction"] == "in" else told.sent).append(message)
        told.requests = _documents(ledger, f"jira_issue/{site}", since)
        told.waiting["webhooks"] = ledger.execute(
            "SELECT count(*) FROM document WHERE kind = 'infobip.push'"
        ).fetchone()[0]
    with stage.connect(site) as connection:
        for name, statement in (
            ("inbound", INBOUND),
            ("outgoing", OUTGOING),
            ("conversations", CONVERSATIONS),
            ("files", FILES),
        ):
            setattr(told, name, connection.execute(statement, (numbers,)).fetchall())
        told.waiting["inbox"] = _count(connection, "inboxentry", "new")
        told.waiting["outbox"] = connection.execute(WAITING).fetchone()[0]
        told.buried["quarantined"] = _count(connection, "inboxentry", "quarantined")
        told.buried["dead"] = _count(connection, "outboxentry", "dead")
    return told


def entries(stage, site):
    """Say what is tried again or dead, for whoever looks for the reason."""
    with stage.connect(site) as connection:
        rows = connection.execute(ENTRIES).fetchall()
    return [
        f"{topic} {subject} {state}, try {tries}, due in {due} s: {error or 'under way'}"
        for topic, subject, state, tries, error, due in rows
    ]


def _documents(ledger, kind, since):
    rows = ledger.execute(
        "SELECT body FROM document WHERE kind = ? AND number > ? ORDER BY number", (kind, since)
    )
    return [json.loads(body) for (body,) in rows]


def _count(connection, table, state):
    statement = f"SELECT count(*) FROM conversations_{table} WHERE state = %s"  # noqa: S608
    return connection.execute(statement, (state,)).fetchone()[0]


def _open(ledger):
    return sqlite3.connect(f"file:{ledger}?mode=ro", uri=True, timeout=10)
