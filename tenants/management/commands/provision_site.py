"""`manage.py provision_site`: make a site by hand."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from tenants.models import Site
from tenants.provisioning import provision


class Command(BaseCommand):
    help = "Makes a site with its schema, console domain and webhook address; safe to repeat."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="The console's name: <slug>.<SITE_BASE_HOST>.")
        parser.add_argument("--cloud-id", required=True, help="The Jira site's id at Atlassian.")
        parser.add_argument("--url", required=True, help="The Jira site's address.")

    def handle(self, *args: Any, **options: Any) -> None:
        site, _created = Site.objects.get_or_create(
            cloud_id=options["cloud_id"],
            defaults={
                "slug": options["slug"],
                "url": options["url"],
                "schema_name": Site.schema_name_for(options["cloud_id"]),
            },
        )
        provision(site)
        self.stdout.write(f"{site.slug}: {site.state}, console at {site.console_url}")
