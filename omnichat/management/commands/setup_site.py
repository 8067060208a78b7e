"""`manage.py setup_site`: everything a site needs before its first message; safe to repeat."""

import json
import os
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from omnichat import first_settings
from tenants.context import tenant_context
from tenants.models import Domain, Installation, Site
from tenants.provisioning import provision

WAIT_SECONDS = 30.0
POLL_SECONDS = 0.1


class Command(BaseCommand):
    help = (
        "Names a site's console, and sets its provider account, senders, request defaults and"
        " first console user. Reads INFOBIP_API_KEY and CONSOLE_PASSWORD from the environment."
        " Prints one JSON line: site, webhook_url, console_url."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--slug", required=True, help="The console is at <slug>.<base host>.")
        parser.add_argument("--cloud-id", required=True, help="The Jira site's id at Atlassian.")
        parser.add_argument("--provision", action="store_true", help="Make the site if missing.")
        parser.add_argument("--installation-id", default="", help="With --provision.")
        parser.add_argument("--site-url", default="", help="The Jira site, with --provision.")
        parser.add_argument("--api-base-url", default="", help="Jira's API, with --provision.")
        parser.add_argument("--infobip-url", default="", help="The account's base URL.")
        parser.add_argument("--sms-sender", default="", help="A number.")
        parser.add_argument("--whatsapp-sender", default="", help="A number.")
        parser.add_argument("--service-desk", default="", help="Where requests are opened: its id.")
        parser.add_argument("--request-type", default="", help="What requests are: its id.")
        parser.add_argument("--console-user", default="admin")
        parser.add_argument(
            "--canned-replies",
            type=Path,
            help="A JSON file: a list of objects with name and text, and perhaps language, channel"
            " and tags. Only for a site that has none.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        password = os.environ.get("CONSOLE_PASSWORD", "")
        try:
            require_strong(password, options["console_user"])
            site = provisioned(options) if options["provision"] else awaited(options["cloud_id"])
            name_console(site, options["slug"])
            with tenant_context(site):
                webhook_url = first_settings.apply(
                    first_settings.Wishes(
                        provider_url=options["infobip_url"],
                        provider_key=os.environ.get("INFOBIP_API_KEY", ""),
                        senders={
                            "sms": options["sms_sender"],
                            "whatsapp": options["whatsapp_sender"],
                        },
                        service_desk_id=options["service_desk"],
                        request_type_id=options["request_type"],
                        console_user=options["console_user"],
                        console_password=password,
                        canned_replies=canned_replies_in(options["canned_replies"]),
                    )
                )
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from refusal
        ready = {"site": site.slug, "webhook_url": webhook_url, "console_url": site.console_url}
        self.stdout.write(json.dumps(ready))


def canned_replies_in(path: Path | None) -> tuple[dict[str, Any], ...]:
    """Return what a file lists; raises CommandError when it cannot be read."""
    if path is None:
        return ()
    try:
        return tuple(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as broken:
        raise CommandError(f"{path} cannot be read: {broken}") from broken


def require_strong(password: str, username: str) -> None:
    """Raise ValidationError for a weak password; the sandbox may have one."""
    if password and not settings.SANDBOX:
        validate_password(password, User(username=username))


def provisioned(options: dict[str, Any]) -> Site:
    """Return the site, made and active."""
    needed = ("installation_id", "site_url", "api_base_url")
    if missing := [name for name in needed if not options[name]]:
        raise CommandError(f"--provision needs --{missing[0].replace('_', '-')}.")
    site = Site.objects.filter(cloud_id=options["cloud_id"]).first()
    if site is None:
        require_free(options["slug"])
        site = Site.objects.create(
            cloud_id=options["cloud_id"],
            slug=options["slug"],
            url=options["site_url"],
            schema_name=Site.schema_name_for(options["cloud_id"]),
        )
    Installation.objects.update_or_create(
        installation_id=options["installation_id"],
        defaults={"site": site, "api_base_url": options["api_base_url"]},
        create_defaults={
            "site": site,
            "api_base_url": options["api_base_url"],
            "environment": settings.FORGE_ENVIRONMENTS[0],
        },
    )
    provision(site)
    return site


def awaited(cloud_id: str) -> Site:
    """Return the site once a worker has provisioned it after Forge's event."""
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        site = Site.objects.filter(cloud_id=cloud_id, state=Site.State.ACTIVE).first()
        if site is not None:
            return site
        if time.monotonic() > deadline:
            raise CommandError(
                f"After {WAIT_SECONDS:.0f} s no active site has the cloud id {cloud_id}."
                " Is the app installed, and does a worker run? Or use --provision."
            )
        time.sleep(POLL_SECONDS)


def name_console(site: Site, slug: str) -> None:
    """Give the site's console its host."""
    if site.slug != slug:
        require_free(slug)
        site.slug = slug
        site.save(update_fields=["slug"])
    host = site.host.partition(":")[0]
    domain, _created = Domain.objects.get_or_create(
        domain=host, defaults={"tenant": site, "is_primary": True}
    )
    if domain.tenant_id != site.pk:
        raise CommandError(f"{host} is another site's console.")


def require_free(slug: str) -> None:
    if Site.objects.filter(slug=slug).exists():
        raise CommandError(f"Another site is called {slug}.")
