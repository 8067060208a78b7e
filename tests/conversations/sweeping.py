"""Marks and audit events as they are some time later."""

from datetime import timedelta

from django.db import connection
from django.utils import timezone

from conversations import audit
from conversations.models import AuditEvent
from tenants.models import PendingWork

SITES = ("site_acme", "site_globex")


def run_out(*schema_names):
    """Let marks run out, as a minute does."""
    PendingWork.objects.filter(schema_name__in=schema_names).update(
        marked_until=timezone.now() - timedelta(seconds=1)
    )


def age_events(seconds):
    """Make recorded events older; nothing but a test may touch them."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE conversations_auditevent DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE conversations_auditevent SET occurred_at = occurred_at - %s",
            [timedelta(seconds=seconds)],
        )
        cursor.execute("ALTER TABLE conversations_auditevent ENABLE TRIGGER USER")


def record():
    audit.record("test.done", actor_kind=AuditEvent.Actor.SYSTEM)
