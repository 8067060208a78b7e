"""`manage.py provision_site`: make a site by hand."""

import re
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from tenants.models import Site
from tenants.provisioning import provision
from tenants.slugs import RESERVED

# What a certificate of *.<SITE_BASE_HOST> covers and every browser asks for.
NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,48}[a-z0-9])?")


class Command(BaseCommand):
    help = "Makes a site with its schema, console domain and webhook address; safe to repeat."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="The console's name: <slug>.<SITE_BASE_HOST>.")
        parser.add_argument("--cloud-id", required=True, help="The Jira site's id at Atlassian.")
        parser.add_argument("--url", required=True, help="The Jira site's address.")

    def handle(self, *args: Any, **options: Any) -> None:
        cloud_id = options["cloud_id"]
        site = Site.objects.filter(cloud_id=cloud_id).first()
        if site is None:
            site = _new(cloud_id, options["slug"], options["url"])
        provision(site)
        self.stdout.write(f"{site.slug}: {site.state}, console at {site.console_url}")


def _new(cloud_id: str, slug: str, url: str) -> Site:
    if not NAME.fullmatch(slug) or slug in RESERVED:
        raise CommandError(
            f"No console can be called {slug}. Take small letters, digits and hyphens, as in"
            " acme-support, and no name of the product's own."
        )
    site = Site(cloud_id=cloud_id, slug=slug, url=url, schema_name=Site.schema_name_for(cloud_id))
    try:
        site.full_clean()
    except ValidationError as refusal:
        raise CommandError(" ".join(refusal.messages)) from refusal
    site.save()
    return site
