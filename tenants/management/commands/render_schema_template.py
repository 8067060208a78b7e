"""`manage.py render_schema_template`: write what `tenants.provisioning` replays; for releases."""

import re
import subprocess
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection

from tenants.provisioning import TEMPLATE, TEMPLATE_SCHEMA, fingerprint, migrate_new_schema
from tenants.side_connection import conninfo

# What belongs to the session that loads a dump, or to newer servers and psql only.
LEFT_OUT = re.compile(r"^(SET |SELECT pg_catalog\.set_config|\\|--|$)")


class Command(BaseCommand):
    help = "Migrates an empty schema, dumps it, and keeps the dump as the template of new sites."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--pg-dump", default="pg_dump", help="The program to dump with.")

    def handle(self, *args: Any, **options: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP SCHEMA IF EXISTS {TEMPLATE_SCHEMA} CASCADE")
        migrate_new_schema(TEMPLATE_SCHEMA)
        dump = subprocess.run(  # noqa: S603 - the operator names the program
            [
                options["pg_dump"],
                f"--dbname={conninfo()}",
                f"--schema={TEMPLATE_SCHEMA}",
                "--inserts",
                "--rows-per-insert=100",
                "--no-owner",
                "--no-privileges",
                "--no-comments",
            ],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        with connection.cursor() as cursor:
            cursor.execute(f"DROP SCHEMA {TEMPLATE_SCHEMA} CASCADE")
        lines = [line for line in dump.splitlines() if not LEFT_OUT.match(line)]
        TEMPLATE.write_text("\n".join([f"-- {fingerprint()}", *lines, ""]))
        self.stdout.write(f"{len(lines)} lines written to {TEMPLATE.name}.")
