"""`manage.py check_sharding`: may the schemas of sites lie on different nodes, by the catalogs."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import ngettext
from django_tenants.utils import schema_exists

from tenants.models import Site
from tenants.sharding import RULES, breaches


class Command(BaseCommand):
    help = "Checks the rules of schema-based sharding (Citus) in one site's schema, or in all."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("schema", nargs="*", help="All schemas of sites if none is named.")

    def handle(self, *args: Any, **options: Any) -> None:
        sites = Site.objects.order_by("pk").values_list("schema_name", flat=True)
        names = options["schema"] or [name for name in sites if schema_exists(name)]
        broken = 0
        for schema_name in names:
            for says, what in breaches(schema_name):
                self.stderr.write(f"{schema_name}: {what} breaks this rule: {says}")
                broken += 1
        if broken:
            said = ngettext(
                "%(count)d thing stands in the way of sharding by schema.",
                "%(count)d things stand in the way of sharding by schema.",
                broken,
            )
            raise CommandError(said % {"count": broken})
        said = ngettext(
            "%(count)d schema keeps all %(rules)d rules.",
            "%(count)d schemas keep all %(rules)d rules.",
            len(names),
        )
        self.stdout.write(said % {"count": len(names), "rules": len(RULES)})
