"""The app on a Jira site: known from the first valid token, whichever event or page brings it."""

import re
from urllib.parse import urlsplit

from django.db import transaction
from django.utils import timezone

from jira_bridge import tokens
from jira_bridge.auth import ForgeCaller
from tenants.directory import installation_by_id
from tenants.models import Installation, Site

SEEN_EVERY_SECONDS = 60


def meet(caller: ForgeCaller) -> Installation:
    """Return the caller's installation with its site, recording both when they are new.

    A reinstall has another installation id and the same cloud id: it is the same site. Keeps the
    version and licence that the call brought, and the system token if Forge itself brought it.
    Nothing is provisioned here.
    """
    installation = installation_by_id(caller.installation_id) or _install(caller)
    _refresh(installation, caller)
    if caller.system_token and not caller.from_page:
        tokens.remember(installation, caller.system_token)
    return installation


@transaction.atomic
def _install(caller: ForgeCaller) -> Installation:
    site, _created = Site.objects.get_or_create(
        cloud_id=caller.cloud_id,
        defaults={
            "slug": _slug(caller),
            "schema_name": Site.schema_name_for(caller.cloud_id),
            "url": caller.site_url or caller.api_base_url,
        },
    )
    installation, _created = Installation.objects.get_or_create(
        installation_id=caller.installation_id,
        defaults={
            "site": site,
            "environment": caller.environment,
            "api_base_url": caller.api_base_url,
        },
    )
    return installation


def _slug(caller: ForgeCaller) -> str:
    """Return a free name for the console's host: the Jira site's own, if nobody has it."""
    host = (urlsplit(caller.site_url).hostname or "").partition(".")[0]
    wished = re.sub(r"[^a-z0-9-]", "", host)[:40]
    unique = re.sub(r"[^a-z0-9]", "", caller.cloud_id.lower())[:12]
    if wished and wished != "localhost" and not Site.objects.filter(slug=wished).exists():
        return wished
    return f"site-{unique}"


def _refresh(installation: Installation, caller: ForgeCaller) -> None:
    now = timezone.now()
    _take_licence(installation.site, caller)
    changes = {
        "app_version": caller.app_version,
        "api_base_url": caller.api_base_url or installation.api_base_url,
    }
    fresh = (now - installation.seen_at).total_seconds() < SEEN_EVERY_SECONDS
    if fresh and all(getattr(installation, name) == value for name, value in changes.items()):
        return
    for name, value in changes.items():
        setattr(installation, name, value)
    installation.seen_at = now
    installation.save(update_fields=[*changes, "seen_at"])


def _take_licence(site: Site, caller: ForgeCaller) -> None:
    """A call without a licence says nothing about it."""
    if caller.licence is None or caller.licence == site.licence:
        return
    site.licence = caller.licence
    site.licence_active = caller.licence.get("active") is True
    site.licence_inactive_since = None if site.licence_active else timezone.now()
    site.save(update_fields=["licence", "licence_active", "licence_inactive_since"])
