"""What a report is asked of, and a database that is asked for it no longer than people wait."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, DatabaseError, OperationalError, connections, transaction
from psycopg.errors import QueryCanceled

from conversations.reports.period import Period
from tenants import replica

Answer = TypeVar("Answer")

MOST_SECONDS = 20  # for all questions of a report together; a transaction may last 30
# Enough to sort a year's conversations without a file.
PREPARE = "SET LOCAL work_mem = '64MB'; SET LOCAL jit = off"
# What a question about rows called `c`, `m` or `s` is narrowed down by. Only what is asked for is
# put into it, so that PostgreSQL plans for that; it knows how many keys begin like a project.
CONVERSATIONS = {
    "channel": "c.channel = %(channel)s",
    "project": "c.issue_key ^@ %(prefix)s",
    "agent": "c.id IN (SELECT conversation_id FROM conversations_message WHERE author = %(agent)s)",
    "sender": "c.id IN (SELECT conversation_id FROM conversations_message"
    " WHERE sender_id = %(sender)s)",
}
MESSAGES = {
    "channel": "m.channel = %(channel)s",
    "project": "m.conversation_id IN (SELECT id FROM conversations_conversation"
    " WHERE issue_key ^@ %(prefix)s)",
    "agent": "(m.author = %(agent)s OR m.direction = 'in' AND m.conversation_id IN ("
    "SELECT conversation_id FROM conversations_message WHERE author = %(agent)s))",
    "sender": "m.sender_id = %(sender)s",
}
SENDS = {
    "channel": "s.channel = %(channel)s",
    "project": "s.message_id IN (SELECT m.id FROM conversations_message AS m"
    " JOIN conversations_conversation AS c ON c.id = m.conversation_id"
    " WHERE c.issue_key ^@ %(prefix)s)",
    "agent": "s.message_id IN (SELECT id FROM conversations_message WHERE author = %(agent)s)",
    "sender": "s.sender_id = %(sender)s",
}


class TooSlow(Exception):
    """The figures would have taken longer than anybody should wait for them."""


@dataclass(frozen=True)
class Scope:
    """The period, and what of it: a channel, a project's key, an agent's account, a sender's id."""

    period: Period
    channel: str = ""
    project: str = ""
    agent: str = ""
    sender: int = 0

    @property
    def before(self) -> "Scope":
        return Scope(self.period.before, self.channel, self.project, self.agent, self.sender)

    @property
    def narrowed(self) -> dict[str, str]:
        """The conditions of what is asked for, by what they are about."""
        return {
            "conversations": self._where(CONVERSATIONS),
            "messages": self._where(MESSAGES),
            "sends": self._where(SENDS),
        }

    def _where(self, conditions: dict[str, str]) -> str:
        asked = [text for name, text in conditions.items() if getattr(self, name)]
        return " AND ".join(asked) or "true"

    @property
    def parameters(self) -> dict[str, Any]:
        return {
            "since": self.period.since,
            "until": self.period.until,
            "zone": self.period.zone.key,
            "unit": self.period.unit.value,
            "channel": self.channel,
            "prefix": f"{self.project}-",
            "agent": self.agent,
            "sender": self.sender,
        }


class Asking:
    """Questions with one deadline, to one database."""

    def __init__(self, alias: str, deadline: float) -> None:
        self._alias = alias
        self._deadline = deadline

    def rows(self, sql: str, scope: Scope) -> list[tuple[Any, ...]]:
        """Return what the database says. Raises TooSlow.

        In a question `{conversations}`, `{messages}` or `{sends}` stand for what is asked for.
        """
        left = round((self._deadline - time.monotonic()) * 1000)
        if left <= 0:
            raise TooSlow
        try:
            with connections[self._alias].cursor() as cursor:
                cursor.execute(f"SET LOCAL statement_timeout = {left}")
                cursor.execute(sql.format(**scope.narrowed), scope.parameters)
                found: list[tuple[Any, ...]] = cursor.fetchall()
        except OperationalError as failure:
            if isinstance(failure.__cause__, QueryCanceled):
                raise TooSlow from failure
            raise
        return found


def ask(about: Callable[[Asking], Answer]) -> Answer:
    """Ask in one transaction, which ends after a while whatever is asked. Raises TooSlow.

    A replica is asked if one keeps up. It may be gone meanwhile, or have to end a question for what
    the primary has removed: then the primary is asked.
    """
    deadline = time.monotonic() + MOST_SECONDS
    with replica.reading() as alias:
        try:
            return _ask(alias, deadline, about)
        except DatabaseError as failure:
            if alias == DEFAULT_DB_ALIAS:
                raise
            replica.leave_alone(failure)
    return _ask(DEFAULT_DB_ALIAS, deadline, about)


def _ask(alias: str, deadline: float, about: Callable[[Asking], Answer]) -> Answer:
    with transaction.atomic(using=alias):
        with connections[alias].cursor() as cursor:
            cursor.execute(PREPARE)
        return about(Asking(alias, deadline))
