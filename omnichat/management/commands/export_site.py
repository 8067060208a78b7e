"""`manage.py export_site`: one site as a file, for backups and for moving it."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from omnichat.archives.contents import FILES
from omnichat.archives.writing import export
from tenants.models import Site
from tenants.provisioning import is_provisioned


class Command(BaseCommand):
    help = (
        "Writes a site with all its rows and files to one file, beside the running product. Texts"
        " and numbers are readable in it: keep it as safe as the database."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("site", nargs="?", help="The site's name, as list_sites shows it.")
        parser.add_argument("file", help="The file to write; - for the standard output.")
        parser.add_argument(
            "--all", action="store_true", help="Every site, each to a file in the folder FILE."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["all"]:
            self._export_all(Path(options["file"]))
            return
        site = Site.objects.filter(slug=options["site"]).first()
        if site is None or not is_provisioned(site):
            name = options["site"] or "without a name"
            raise CommandError(f"There is no site {name}. list_sites shows their names.")
        if options["file"] == "-":
            export(site, sys.stdout.buffer)
        else:
            self.stdout.write(_export_to(Path(options["file"]), site))

    def _export_all(self, folder: Path) -> None:
        """Export one after the other; a site that fails leaves the others their backup."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        failed = []
        for site in filter(is_provisioned, Site.objects.order_by("slug")):
            try:
                self.stdout.write(_export_to(folder / f"{site.slug}.tar.gz", site))
            except Exception as failure:  # noqa: BLE001 - whatever it was, the next may go well
                failed.append(site.slug)
                self.stderr.write(f"{site.slug}: not exported, {type(failure).__name__}.")
        if failed:
            raise CommandError(f"Without a new backup: {', '.join(failed)}.")


def _export_to(path: Path, site: Site) -> str:
    # A half-written file must not look like a backup.
    unfinished = path.with_name(path.name + ".part")
    with unfinished.open("wb") as target:
        unfinished.chmod(0o600)
        sums = export(site, target)
    unfinished.replace(path)
    files = sum(name.startswith(FILES) for name in sums.sha256)
    return (
        f"{site.slug}: {path}, {path.stat().st_size / 1e6:.1f} MB (tables: {len(sums.rows)}, rows:"
        f" {sum(sums.rows.values())}, files: {files})."
    )
