"""`manage.py ask_before_sending`: after the database was put back to an earlier moment."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection
from django.utils import timezone

from omnichat.archives.promises import note_may_have_left
from tenants.context import public_context
from tenants.models import Site
from tenants.provisioning import is_provisioned


class Command(BaseCommand):
    help = (
        "Has the neighbours asked about everything that waits to leave, at all sites, before any of"
        " it is sent. Run it after the database was put back, before the workers start."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        with public_context(), connection.cursor() as cursor:
            for site in Site.objects.order_by("slug"):
                if is_provisioned(site):
                    count = note_may_have_left(cursor, site.schema_name, now)
                    self.stdout.write(f"{site.slug}: {count}")
