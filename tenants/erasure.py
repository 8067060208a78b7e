"""Erasing what a site has left behind: long after the app was uninstalled, once and for good."""

import logging
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django_tenants.utils import quote_schema_name, schema_exists

from tenants import directory, site_events
from tenants.context import public_context, tenant_context
from tenants.models import AuditHead, PendingWork, Site

# Removes some files of the current site; True while there may be more.
RemoveFiles = Callable[[], bool]

logger = logging.getLogger(__name__)


def erase_due(remove_files: RemoveFiles) -> int:
    """Erase every site whose time has come; returns how many. A failing one stops no other."""
    with public_context():
        erased = 0
        for site_id in list(_due().values_list("pk", flat=True)):
            try:
                erased += _erase(site_id, remove_files)
            except Exception:
                logger.exception("site_not_erased", extra={"site": site_id})
        return erased


def _due() -> QuerySet[Site]:
    """Sites that nobody has installed for so long; one that an operator has suspended too."""
    left_before = timezone.now() - timedelta(days=settings.ERASE_AFTER_DAYS)
    return Site.objects.exclude(state=Site.State.ACTIVE).filter(uninstalled_at__lt=left_before)


def _erase(site_id: int, remove_files: RemoveFiles) -> bool:
    """Erase one site unless it has come back; False if so.

    Takes the site's row, as a return of the app does: one of the two waits for the other.
    """
    while True:
        # Files go in many short transactions: none may take as long as a site's files may.
        with transaction.atomic():
            site = _due().select_for_update().filter(pk=site_id).first()
            if site is None:
                return False
            if _has_files_left(site, remove_files):
                continue
            _drop(site)
        directory.forget()
        return True


def _has_files_left(site: Site, remove_files: RemoveFiles) -> bool:
    if not schema_exists(site.schema_name):
        return False  # the app was gone before its schema was made
    with tenant_context(site):
        return remove_files()


def _drop(site: Site) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {quote_schema_name(site.schema_name)} CASCADE")
    PendingWork.objects.filter(schema_name=site.schema_name).delete()
    AuditHead.objects.filter(schema_name=site.schema_name).delete()
    site_events.record(site, "erased")
    site.delete()  # with its installations, keys and domains
