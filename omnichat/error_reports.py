"""Errors to Sentry: what was raised and where, with ids; of all that people wrote, nothing.

An event is made anew from what is known to be safe: what a later release of the library adds, or
an exception says, does not get in. No words, values, addresses, statements or breadcrumbs.
"""

import re
from typing import Any, cast

import sentry_sdk
from django.conf import settings
from sentry_sdk.integrations.atexit import AtexitIntegration
from sentry_sdk.integrations.celery import CeleryIntegration
from sentry_sdk.integrations.dedupe import DedupeIntegration
from sentry_sdk.integrations.django import DjangoIntegration
from sentry_sdk.integrations.excepthook import ExcepthookIntegration
from sentry_sdk.integrations.logging import LoggingIntegration
from sentry_sdk.integrations.threading import ThreadingIntegration
from sentry_sdk.types import Event, Hint
from structlog.contextvars import get_contextvars

from tenants.context import current_schema

KEPT = ("event_id", "timestamp", "platform", "level", "release", "environment", "logger")
PLACE = ("filename", "function", "module", "lineno", "in_app")
# As we name what happened; whatever else is logged may be somebody's words.
OUR_NAMES = re.compile(r"[a-z][a-z._-]{2,60}")
IDS = ("request_id", "issue_id", "message_id", "attachment_id", "task", "task_id", "entry", "topic")


def begin(process: str, **options: Any) -> None:
    """Report this process's errors; `options` are the library's own, for tests."""
    sentry_sdk.init(
        dsn=settings.SENTRY_DSN,
        release=settings.RELEASE or None,
        environment=settings.SENTRY_ENVIRONMENT,
        default_integrations=False,
        auto_enabling_integrations=False,
        integrations=[
            AtexitIntegration(callback=lambda _pending, _timeout: None),
            CeleryIntegration(),
            DedupeIntegration(),
            DjangoIntegration(),
            ExcepthookIntegration(),
            LoggingIntegration(level=None),
            ThreadingIntegration(),
        ],
        send_default_pii=False,
        include_local_variables=False,
        include_source_context=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        before_breadcrumb=lambda _crumb, _hint: None,
        before_send=lambda event, hint: scrubbed(event, hint, process=process),
        before_send_transaction=lambda _event, _hint: None,
        send_client_reports=False,
        auto_session_tracking=False,
        server_name="",
        **options,
    )


def scrubbed(event: Event, _hint: Hint, *, process: str) -> Event:
    """Return a new event of what may leave."""
    told: dict[str, Any] = dict(event)
    kept = {name: told[name] for name in KEPT if name in told}
    entry = told.get("logentry") or {}
    said = str(entry.get("message") or "")
    if OUR_NAMES.fullmatch(said):
        kept["logentry"] = {"message": said}
    raised = (told.get("exception") or {}).get("values") or []
    if raised:
        kept["exception"] = {"values": [_exception(each) for each in raised]}
    known = get_contextvars()
    ids = {name: str(known[name]) for name in IDS if name in known}
    kept["tags"] = {"process": process, "site": current_schema(), **ids}
    return cast("Event", kept)


def _exception(raised: dict[str, Any]) -> dict[str, Any]:
    frames = (raised.get("stacktrace") or {}).get("frames") or []
    places = [{name: frame[name] for name in PLACE if name in frame} for frame in frames]
    found: dict[str, Any] = {name: raised[name] for name in ("type", "module") if name in raised}
    return {**found, "stacktrace": {"frames": places}} if places else found
