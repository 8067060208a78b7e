"""Searches the logs of a running product's processes for what must not stand in them."""

import psycopg

from tests.leak_rules import Leak, Secrets, kinds_in

PROCESSES = ("web", "stream", "worker", "beat", "postgres", "valkey")
SITES = "SELECT schema_name FROM public.tenants_site"
SHORTEST_TEXT = 12  # letters; a shorter one may stand anywhere by chance


def secrets_of(described):
    """Return what is known of a run that `described` is about: passwords, and what was written."""
    secrets = Secrets()
    secrets.add("a password", described["console_password"])
    with psycopg.connect(described["database_url"]) as connection:
        for (schema,) in connection.execute(SITES).fetchall():
            for (text,) in connection.execute(f'SELECT text FROM "{schema}".conversations_message'):  # noqa: S608
                if len(text) >= SHORTEST_TEXT and " " in text:
                    secrets.add("what people wrote", text)
    return secrets


def leaks_in(folder, secrets):
    """Return what the logs of the product's processes in a folder should not hold, by name."""
    found = set()
    for name in PROCESSES:
        for log in sorted(folder.glob(f"{name}*.log")):
            for line in log.read_text(errors="replace").splitlines():
                found |= {str(Leak(kind, "a line", log.name)) for kind in kinds_in(line, secrets)}
    return sorted(found)
