"""`manage.py export_site`: one site as a file, for backups and for moving it."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from omnichat.archives.writing import export
from tenants.models import Site
from tenants.provisioning import is_provisioned


class Command(BaseCommand):
    help = (
        "Writes a site with all its rows and files to one file, beside the running product. Texts"
        " and numbers are readable in it: keep it as safe as the database."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("site", help="The site's name, as list_sites shows it.")
        parser.add_argument("file", help="The file to write, or - for the standard output.")

    def handle(self, *args: Any, **options: Any) -> None:
        site = Site.objects.filter(slug=options["site"]).first()
        if site is None or not is_provisioned(site):
            raise CommandError(f"There is no site {options['site']}. list_sites shows their names.")
        if options["file"] == "-":
            export(site, sys.stdout.buffer)
            return
        path = Path(options["file"])
        # A half-written file must not look like a backup.
        unfinished = path.with_name(path.name + ".part")
        with unfinished.open("wb") as target:
            unfinished.chmod(0o600)
            sums = export(site, target)
        unfinished.replace(path)
        files = sum(name.startswith("files/") for name in sums.sha256)
        self.stdout.write(
            f"{site.slug}: {sum(sums.rows.values())} rows of {len(sums.rows)} tables and {files}"
            f" files in {path}, {path.stat().st_size / 1e6:.1f} MB."
        )
