"""`manage.py ask_before_sending`: after the database was put back to an earlier moment."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection, transaction
from django.utils import timezone

from channels.reconcile import ask_since_last_watch
from omnichat.archives.promises import note_may_have_left
from tenants.context import public_context, tenant_context
from tenants.models import Site
from tenants.provisioning import is_provisioned


class Command(BaseCommand):
    help = (
        "Has the neighbours asked about everything that waits to leave, at all sites, before any of"
        " it is sent, and for what came in since. Run it after the database was put back, before"
        " the workers start."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        with public_context():
            sites = list(Site.objects.order_by("slug"))
        for site in filter(is_provisioned, sites):
            with tenant_context(site), transaction.atomic(), connection.cursor() as cursor:
                count = note_may_have_left(cursor, site.schema_name, now)
                ask_since_last_watch()
            self.stdout.write(f"{site.slug}: {count}")
