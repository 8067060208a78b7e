"""`manage.py import_site`: put an exported site into this database."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from omnichat.archives.contents import ArchiveRefused
from omnichat.archives.reading import restore


class Command(BaseCommand):
    help = (
        "Makes a site from a file that export_site wrote, whole or not at all. It is suspended"
        " then: look at it, and resume it in the operators' console."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="The file to read, or - for the standard input.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["file"] == "-":
                site = restore(sys.stdin.buffer)
            else:
                with Path(options["file"]).open("rb") as source:
                    site = restore(source)
        except (ArchiveRefused, OSError) as refusal:
            raise CommandError(f"Not imported: {refusal}") from refusal
        self.stdout.write(
            f"{site.slug} is here, suspended. Its console will be {site.console_url}; resume it in"
            " the operators' console when the one before it is at rest."
        )
