"""What the database can do alone: single-row INSERTs, each committed durably.

Run as a process of its own: `python -m tests.benchmarks.baseline` reads `{"url": ..., "schema":
..., "seconds": 4}` and prints what it counted.
Every connection has a process, so that the interpreter's lock does not flatter the ratios. The
table is a copy of the site's inbox, constraints and indexes included.
"""

import json
import secrets
import sys
import time
from multiprocessing import get_context

import psycopg
from psycopg import sql

CONNECTIONS = 4
SCHEMA = "benchmark"
INSERT = """
INSERT INTO benchmark.conversations_inboxentry
    (source, dedupe_key, body, state, reason, attempts, received_at, due_at)
VALUES ('infobip', %s, %s, 'new', '', 0, now(), now()) RETURNING id
"""
BODY_BYTES = 560


def main(asked):
    _prepare(asked["url"], asked["schema"])
    context = get_context("spawn")
    with context.Pool(CONNECTIONS) as pool:
        work = [(asked["url"], asked["seconds"])] * CONNECTIONS
        rates = pool.starmap(insert, work, chunksize=1)
    with psycopg.connect(asked["url"], autocommit=True) as connection:
        fsync = connection.execute("SHOW fsync").fetchone()[0]
        commit = connection.execute("SHOW synchronous_commit").fetchone()[0]
        connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(SCHEMA)))
    found = {"commits_per_second": sum(rates), "fsync": fsync, "synchronous_commit": commit}
    sys.stdout.write(json.dumps(found) + "\n")


def insert(url, seconds):
    """Insert until the time is over and return the commits of a second."""
    body = b"x" * BODY_BYTES
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.cursor()
        for _warm_up in range(50):
            cursor.execute(INSERT, (secrets.token_hex(32), body))
        count, began = 0, time.perf_counter()
        until = began + seconds
        while time.perf_counter() < until:
            # As random as the product's keys: they spread over the index in the same way.
            cursor.execute(INSERT, (secrets.token_hex(32), body))
            cursor.fetchone()
            count += 1
        return count / (time.perf_counter() - began)


def _prepare(url, schema):
    own, site = sql.Identifier(SCHEMA), sql.Identifier(schema)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(own))
        connection.execute(sql.SQL("CREATE SCHEMA {}").format(own))
        connection.execute(
            sql.SQL(
                "CREATE TABLE {}.conversations_inboxentry"
                " (LIKE {}.conversations_inboxentry INCLUDING ALL)"
            ).format(own, site)
        )


if __name__ == "__main__":
    main(json.load(sys.stdin))
