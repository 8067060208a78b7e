"""`manage.py rotate_encryption`: every secret at rest under the newest key; safe to repeat."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import ngettext

from tenants import site_events
from tenants.context import public_context
from tenants.models import Site
from tenants.rotation import Rotated, rotate_operators, rotate_site


class Command(BaseCommand):
    help = (
        "Encrypts every stored secret of all sites with the first of ENCRYPTION_KEYS. Once it ends"
        " without a complaint, the other keys can go. May be stopped and started again."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        total = rotate_operators()
        unreadable = {"operators": total.unreadable}
        failed = []
        with public_context():
            sites = list(Site.objects.order_by("pk"))
        for site in sites:
            named = f"{site.schema_name}/{site.slug}"
            try:
                done = rotate_site(site)
            except Exception as failure:  # noqa: BLE001 - a site that fails stops no other
                failed.append(f"{named} ({type(failure).__name__})")
                continue
            total.add(done)
            unreadable[named] = done.unreadable
            if done.renewed:
                with public_context():
                    site_events.record(site, "secrets re-encrypted", renewed=done.renewed)
        self._report(total, unreadable, failed)

    def _report(self, total: Rotated, unreadable: dict[str, int], failed: list[str]) -> None:
        turned = ngettext(
            "%(count)d secret turned to the newest key.",
            "%(count)d secrets turned to the newest key.",
            total.renewed,
        )
        self.stdout.write(turned % {"count": total.renewed})
        complaints = []
        if total.unreadable:
            where = ", ".join(f"{named} ({count})" for named, count in unreadable.items() if count)
            complaints.append(in_words(total.unreadable, where))
        if failed:
            complaints.append(f"Keep the old keys and start again: {', '.join(failed)} failed.")
        if complaints:
            raise CommandError("\n".join(complaints))
        self.stdout.write("The keys behind the first are needed no more.")


def in_words(unreadable: int, where: str) -> str:
    """Return what is wrong with secrets that no key reads, and what to do."""
    said = ngettext(
        "%(count)d secret can be read by none of ENCRYPTION_KEYS: %(where)s. Put the key that it"
        " was encrypted with back behind the first, and start again. If it is lost, see Keys in"
        " docs/operations.md.",
        "%(count)d secrets can be read by none of ENCRYPTION_KEYS: %(where)s. Put the keys that"
        " they were encrypted with back behind the first, and start again. If one is lost, see"
        " Keys in docs/operations.md.",
        unreadable,
    )
    return said % {"count": unreadable, "where": where}
