"""`manage.py list_sites`: all sites and how they are, for operators."""

import json
from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand
from django.db.models import Prefetch
from django.utils import timezone

from tenants.context import public_context
from tenants.models import Installation, Site


class Command(BaseCommand):
    help = "Lists the sites: state, version, licence, connection, and what is to be erased when."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="One JSON object a line.")

    def handle(self, *args: Any, **options: Any) -> None:
        live = Installation.objects.filter(removed_at=None).defer("system_token")
        with public_context():
            sites = Site.objects.order_by("slug").prefetch_related(
                Prefetch("installations", queryset=live.order_by("-seen_at"))
            )
            rows = [_row(site) for site in sites]
        lines = [json.dumps(row) for row in rows] if options["json"] else _columns(rows)
        for line in lines:
            self.stdout.write(line)


def _row(site: Site) -> dict[str, str | int | None]:
    installation = next(iter(site.installations.all()), None)
    return {
        "site": site.slug,
        "schema": site.schema_name,
        "state": site.state,
        "region": site.region,
        "version": installation.app_version if installation else "",
        "licence": "active" if site.licence_active else "inactive",
        "heard": _moment(installation.heard_at if installation else None),
        "token_minutes": _minutes_left(installation),
        "disconnected": _moment(site.disconnected_since),
        "uninstalled": _moment(site.uninstalled_at),
        "erased": _moment(site.erased_at),
    }


def _minutes_left(installation: Installation | None) -> int | None:
    ends_at = installation.system_token_expires_at if installation else None
    return max(int((ends_at - timezone.now()).total_seconds() // 60), 0) if ends_at else None


def _moment(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%dT%H:%MZ}" if moment else ""


def _columns(rows: list[dict[str, str | int | None]]) -> list[str]:
    """Return the rows as text, each column as wide as its widest cell; "-" for nothing."""
    if not rows:
        return ["No sites."]
    table = [
        list(rows[0]),
        *[["-" if cell in {"", None} else str(cell) for cell in row.values()] for row in rows],
    ]
    widths = [max(len(cell) for cell in column) for column in zip(*table, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in table
    ]
