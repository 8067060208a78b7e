"""Running the same moment in several threads, each with a database connection of its own."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connection

from tenants.context import schema_context

PATIENCE_SECONDS = 30


def together(*actions, schema_name="site_acme"):
    """Run the actions at once inside a site; returns their results, raises their first error."""
    barrier = Barrier(len(actions))

    def run(action):
        try:
            with schema_context(schema_name):
                connection.ensure_connection()
                barrier.wait(PATIENCE_SECONDS)
                return action()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(actions)) as pool:
        futures = [pool.submit(run, action) for action in actions]
        return [future.result(PATIENCE_SECONDS) for future in futures]


def somebody_waits():
    """Whether a transaction waits for a lock that another holds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
        return cursor.fetchone()[0]
