"""A thread's connection that PostgreSQL has closed: workers keep theirs between tasks."""

from django.db import connection


def leave_broken_connection() -> None:
    """Have the next statement open another connection when this thread's is closed."""
    if connection.connection is not None and not connection.is_usable():
        connection.close()
