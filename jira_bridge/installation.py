"""The app on a Jira site: met by its first valid token, replaced by a reinstall, gone some day."""

import re
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from rest_framework.exceptions import PermissionDenied

from conversations import inbox, outbox
from conversations.nudges import wake_now
from jira_bridge import licence, tokens
from jira_bridge.auth import ForgeCaller
from tenants import directory, pending_work, site_events
from tenants.models import Installation, Site
from tenants.provisioning import is_provisioned, rename_console
from tenants.slugs import is_makeshift, slugs_for

SEEN_EVERY_SECONDS = 60
# Forge goes on calling for so long after this: then the app was not uninstalled after all.
UNINSTALL_FAILED_AFTER = timedelta(minutes=10)
PROVISION_TASK = "jira_bridge.tasks.provision_site"


def meet(caller: ForgeCaller, *, installed: bool = False) -> Installation:
    """Return the caller's installation with its site, recording both when they are new.

    A reinstall has another installation id and the same cloud id: it is the same site, with all its
    data. Keeps the version and licence that the call brought, and the system token if Forge itself
    brought it. A site without a schema gets it soon, in a worker. `installed` is what Forge says of
    this very call. Raises PermissionDenied, and then nothing is changed.
    """
    installation = directory.installation_by_id(caller.installation_id)
    if installation is None or installation.removed_at:
        installation = _arrive(caller, installed=installed)
    if installation.site.cloud_id != caller.cloud_id:
        raise PermissionDenied("This installation is known on another site.")
    _refresh(installation, caller)
    licence.take(installation.site, caller)
    if caller.system_token and not caller.from_page:
        tokens.remember(installation, caller.system_token)
    if installation.site.state == Site.State.INSTALLING:
        wake_now(PROVISION_TASK, installation.site.schema_name)
    return installation


@transaction.atomic
def leave(caller: ForgeCaller) -> None:
    """The app is about to be uninstalled: nothing of its site is sent or asked any more."""
    known = directory.installation_by_id(caller.installation_id)
    if known is None or known.site.cloud_id != caller.cloud_id:
        return
    site = Site.objects.select_for_update().get(pk=known.site_id)
    if not _remove(Installation.objects.filter(pk=known.pk)):
        return
    if not _live(site).exists():
        if site.state != Site.State.SUSPENDED:
            site.state = Site.State.UNINSTALLED
        site.uninstalled_at = timezone.now()
        site.disconnected_since = None
        site.save(update_fields=["state", "uninstalled_at", "disconnected_since"])
    site_events.record(site, "uninstalled", installation=known.installation_id)
    transaction.on_commit(directory.forget)


@transaction.atomic
def _arrive(caller: ForgeCaller, *, installed: bool) -> Installation:
    """Record an installation that is new, or back. Locks the site: of two calls one is first."""
    site = _site_of(caller)
    known = Installation.objects.filter(installation_id=caller.installation_id).first()
    if known is not None and known.site_id != site.pk:
        raise PermissionDenied("This installation is known on another site.")
    others = _live(site).exclude(installation_id=caller.installation_id)
    if others.exclude(environment=caller.environment).exists():
        raise PermissionDenied("Another environment of the app is installed on this site.")
    if known is not None and known.removed_at is None:
        return known
    if known is not None:
        _require_return(known, caller, replaced=others.exists(), installed=installed)
    action = "reinstalled" if site.installations.exists() else "installed"
    _remove(others)
    installation = _record(site, caller)
    site_events.record(
        site,
        action,
        installation=caller.installation_id,
        version=caller.app_version,
        environment=caller.environment,
    )
    if site.uninstalled_at:
        _come_back(site)
    return installation


def _site_of(caller: ForgeCaller) -> Site:
    """Return the caller's site, locked; made, if there is none."""
    for slug in slugs_for(site_url=caller.site_url, cloud_id=caller.cloud_id):
        site = Site.objects.select_for_update().filter(cloud_id=caller.cloud_id).first()
        if site is not None:
            return site
        try:
            with transaction.atomic():
                return Site.objects.create(
                    cloud_id=caller.cloud_id,
                    slug=slug,
                    schema_name=Site.schema_name_for(caller.cloud_id),
                    url=caller.site_url or caller.api_base_url,
                    region=caller.region,
                )
        except (IntegrityError, ValidationError):
            continue  # another call has made this site meanwhile, or another one of this name
    raise IntegrityError("No name is free for a new site.")


def _require_return(
    known: Installation, caller: ForgeCaller, *, replaced: bool, installed: bool
) -> None:
    """Raise PermissionDenied unless the call proves that a removed installation is there again."""
    gone_at = known.removed_at
    after = timedelta(0) if installed else UNINSTALL_FAILED_AFTER
    if replaced or caller.from_page or gone_at is None or caller.issued_at < gone_at + after:
        raise PermissionDenied("OmniChat was uninstalled from this site.")


def _record(site: Site, caller: ForgeCaller) -> Installation:
    now = timezone.now()
    installation, _created = Installation.objects.update_or_create(
        installation_id=caller.installation_id,
        defaults={"removed_at": None, "refused_at": None, "seen_at": now, "heard_at": now},
        create_defaults={
            "site": site,
            "environment": caller.environment,
            "app_version": caller.app_version,
            "api_base_url": caller.api_base_url,
        },
    )
    installation.site = site  # the one that is locked
    return installation


def _come_back(site: Site) -> None:
    """Wake a site that was uninstalled; what has come in meanwhile is opened now."""
    site.uninstalled_at = None
    if site.state == Site.State.UNINSTALLED:
        site.state = Site.State.ACTIVE if is_provisioned(site) else Site.State.INSTALLING
    site.save(update_fields=["uninstalled_at", "state"])
    if site.state == Site.State.ACTIVE:
        pending_work.mark(site.schema_name)
        for task_name in (inbox.DRAIN_TASK, outbox.DRAIN_TASK):
            transaction.on_commit(partial(wake_now, task_name, site.schema_name))
    transaction.on_commit(directory.forget)


def _live(site: Site) -> QuerySet[Installation]:
    return Installation.objects.filter(site=site, removed_at=None)


def _remove(installations: QuerySet[Installation]) -> int:
    """Part with installations and their tokens; returns how many were there still."""
    return installations.filter(removed_at=None).update(
        removed_at=timezone.now(), system_token="", system_token_expires_at=None
    )


def _refresh(installation: Installation, caller: ForgeCaller) -> None:
    now = timezone.now()
    changes: dict[str, Any] = {}
    if caller.api_base_url and caller.api_base_url != installation.api_base_url:
        changes["api_base_url"] = caller.api_base_url
    if _is_old(installation.seen_at, now):
        changes["seen_at"] = now
    if not caller.from_page and _is_old(installation.heard_at, now):
        changes["heard_at"] = now
    if changes:
        Installation.objects.filter(pk=installation.pk).update(**changes)
    for name, value in changes.items():
        setattr(installation, name, value)
    if _is_newer(caller.app_version, installation.app_version):
        _upgrade(installation, caller.app_version)
    if not caller.from_page:
        _reconnect(installation.site)
    if caller.site_url and installation.site.url == installation.api_base_url:
        _take_name(installation.site, caller)


def _take_name(site: Site, caller: ForgeCaller) -> None:
    """Forge's own calls do not say how people call the site: the first page does."""
    site.url = caller.site_url
    site.save(update_fields=["url"])
    slug = next(slugs_for(site_url=caller.site_url, cloud_id=caller.cloud_id))
    if not is_makeshift(site.slug) or is_makeshift(slug):
        return
    with suppress(IntegrityError), transaction.atomic():  # or another site has just got that name
        rename_console(site, slug)


def _is_old(moment: datetime, now: datetime) -> bool:
    return (now - moment).total_seconds() >= SEEN_EVERY_SECONDS


def _is_newer(version: str, known: str) -> bool:
    """Two versions of the app call at once while an upgrade awaits the admin's consent."""
    return _numbers(version) > _numbers(known)


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"[0-9]+", version)]


def _upgrade(installation: Installation, version: str) -> None:
    before, installation.app_version = installation.app_version, version
    as_known = Installation.objects.filter(pk=installation.pk, app_version=before)
    if as_known.update(app_version=version) and before:
        detail = {"installation": installation.installation_id, "from": before, "to": version}
        site_events.record(installation.site, "upgraded", **detail)


def _reconnect(site: Site) -> None:
    if site.disconnected_since is None:
        return
    site.disconnected_since = None
    silent = Site.objects.filter(pk=site.pk, disconnected_since__isnull=False)
    if silent.update(disconnected_since=None):
        site_events.record(site, "reconnected")
