"""`manage.py upgrade_sites`: a release, in one command; safe to repeat, and beside running code."""

from argparse import ArgumentParser
from time import monotonic
from typing import Any

import psycopg
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import ngettext

from tenants.migrating import WAIT_FOR_LOCK
from tenants.side_connection import conninfo
from tenants.upgrading import Upgrade


class Command(BaseCommand):
    help = (
        "Migrates the public schema, then those of all sites that are behind. May be stopped and"
        " started again. A site that fails stops no other; the last line names such sites."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--parallel", type=int, default=2, help="How many sites at once; 2 if not given."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        began = monotonic()
        # Of two that are started at once, the second finds all done.
        with psycopg.connect(conninfo(), autocommit=True) as turn:
            turn.execute(WAIT_FOR_LOCK, ["public"])
            call_command("migrate_schemas", shared=True, interactive=False, verbosity=0)
            upgrade = Upgrade(max(options["parallel"], 1), self.stdout.write)
            upgrade.run()
        said = ngettext(
            "%(count)d site migrated in %(seconds).1f s.",
            "%(count)d sites migrated in %(seconds).1f s.",
            upgrade.done,
        )
        self.stdout.write(said % {"count": upgrade.done, "seconds": monotonic() - began})
        if upgrade.failed:
            named = ", ".join(f"{name} ({why})" for name, why in sorted(upgrade.failed.items()))
            raise CommandError(f"Still behind: {named}. Mend what the log says, and start again.")
