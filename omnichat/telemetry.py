"""Reports to operators' own systems, where settings name one; else nothing of it is imported."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

Application = Callable[..., Any]


def begin(process: str) -> None:
    """Report errors to Sentry and traces to OpenTelemetry, each where an address for it is set."""
    if settings.SENTRY_DSN:
        import_string("omnichat.error_reports.begin")(process)
    if settings.OTEL_EXPORTER_OTLP_ENDPOINT:
        import_string("omnichat.traces.begin")(process)


def traced(application: Application) -> Application:
    """Return the WSGI application with a span around each request, where traces are wanted."""
    if not settings.OTEL_EXPORTER_OTLP_ENDPOINT:
        return application
    with_spans: Application = import_string("omnichat.traces.traced")(application)
    return with_spans
