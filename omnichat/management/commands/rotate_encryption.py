"""`manage.py rotate_encryption`: every secret at rest under the newest key; safe to repeat."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tenants import site_events
from tenants.context import public_context
from tenants.models import Site
from tenants.rotation import Rotated, rotate_public, rotate_schema


class Command(BaseCommand):
    help = (
        "Encrypts every stored secret of all sites with the first of ENCRYPTION_KEYS. Once it ends"
        " without a complaint, the other keys can go. May be stopped and started again."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        total = rotate_public()
        failed = []
        with public_context():
            sites = list(Site.objects.order_by("pk"))
        for site in sites:
            try:
                done = rotate_schema(site)
            except Exception as failure:  # noqa: BLE001 - a site that fails stops no other
                failed.append(f"{site.slug} ({type(failure).__name__})")
                continue
            total.add(done)
            if done.renewed:
                with public_context():
                    site_events.record(site, "secrets re-encrypted", renewed=done.renewed)
        self._report(total, failed)

    def _report(self, total: Rotated, failed: list[str]) -> None:
        self.stdout.write(f"{total.renewed} secrets turned to the newest key.")
        if total.unreadable:
            self.stderr.write(f"{total.unreadable} can be read by none of ENCRYPTION_KEYS.")
        if failed:
            raise CommandError(f"Keep the old keys and start again: {', '.join(failed)} failed.")
        if not total.unreadable:
            self.stdout.write("The keys behind the first are needed no more.")
