"""The audit clock of a site that was put into another database.

Events are sealed in the order of their transactions' ids. A database that has counted less would
give new events lower ids than the sealed ones have: then the site's own clock runs ahead.
"""

from typing import Any

from psycopg import sql

CURRENT = "pg_current_xact_id()::text::bigint"


def set_ahead(cursor: Any, schema_name: str, last_transaction: int) -> int:
    """Let new events have ids above `last_transaction`; returns how far the clock runs ahead."""
    cursor.execute(f"SELECT {CURRENT}")
    (current,) = cursor.fetchone()
    ahead: int = max(0, last_transaction + 1 - current)
    clock = sql.Identifier(schema_name, "conversations_auditclock")
    events = sql.Identifier(schema_name, "conversations_auditevent")
    cursor.execute(sql.SQL("DELETE FROM {}").format(clock))
    if ahead:
        cursor.execute(sql.SQL("INSERT INTO {} (ahead) VALUES (%s)").format(clock), (ahead,))
        # DDL takes no parameters.
        default = sql.SQL(f"({CURRENT} + {{}})").format(sql.Literal(ahead))
        cursor.execute(
            sql.SQL("ALTER TABLE {} ALTER COLUMN transaction_id SET DEFAULT {}").format(
                events, default
            )
        )
    return ahead
