"""Traces to OpenTelemetry: what took how long, by names of ours; values, addresses and words, no.

A span leaves as a new one of what is known to be safe, so that nothing an instrumentation adds
some day gets in.
"""

from collections.abc import Callable, Sequence
from typing import Any

from django.conf import settings
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.celery import CeleryInstrumentor
from opentelemetry.instrumentation.psycopg import PsycopgInstrumentor
from opentelemetry.instrumentation.requests import RequestsInstrumentor
from opentelemetry.instrumentation.wsgi import OpenTelemetryMiddleware
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import Status

from omnichat.request_log import KIND, ROUTE

KEPT = {
    *("http.method", "http.status_code", "http.request.method", "http.response.status_code"),
    *("db.system", "celery.action", "celery.state", "messaging.message.id", KIND, ROUTE),
}
STATEMENTS = {"SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "SET", "BEGIN", "COMMIT", "LOCK"}

Application = Callable[..., Any]


class Scrubbed(SpanExporter):
    """Hands on spans that were made anew of what may leave."""

    def __init__(self, inner: SpanExporter) -> None:
        self._inner = inner

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return self._inner.export([scrubbed(span) for span in spans])

    def shutdown(self) -> None:
        self._inner.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self._inner.force_flush(timeout_millis)


def begin(process: str, exporter: SpanExporter | None = None) -> TracerProvider:
    """Trace this process's requests, tasks, statements and calls to neighbours."""
    address = f"{settings.OTEL_EXPORTER_OTLP_ENDPOINT.rstrip('/')}/v1/traces"
    some = TraceIdRatioBased(settings.TRACES_PERCENT / 100)
    provider = TracerProvider(
        # A stranger's request may name a trace, and does not decide that it is followed.
        sampler=ParentBased(some, remote_parent_sampled=some),
        resource=Resource.create(
            {"service.name": f"omnichat-{process}", "service.version": settings.RELEASE}
        ),
    )
    leaving = Scrubbed(exporter or OTLPSpanExporter(endpoint=address))
    provider.add_span_processor(BatchSpanProcessor(leaving))
    trace.set_tracer_provider(provider)
    PsycopgInstrumentor().instrument(tracer_provider=provider)
    RequestsInstrumentor().instrument(tracer_provider=provider)
    celery: Any = CeleryInstrumentor
    celery().instrument(tracer_provider=provider)
    return provider


def traced(application: Application) -> Application:
    """Return the WSGI application with a span around each request."""
    return OpenTelemetryMiddleware(application, response_hook=_name_route)


def scrubbed(span: ReadableSpan) -> ReadableSpan:
    """Return a span with our names, times and ids only."""
    attributes = {name: value for name, value in (span.attributes or {}).items() if name in KEPT}
    return ReadableSpan(
        name=_name(span, attributes),
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes=attributes,
        events=[_event(each) for each in span.events],
        links=[trace.Link(each.context) for each in span.links],
        kind=span.kind,
        instrumentation_scope=span.instrumentation_scope,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
    )


def _name(span: ReadableSpan, attributes: dict[str, Any]) -> str:
    if attributes.get(KIND):
        return f"{attributes[KIND]} {attributes[ROUTE]}"
    if "db.system" in attributes:
        first = span.name.partition(" ")[0].upper()
        return first if first in STATEMENTS else "SQL"
    if "celery.action" in attributes:
        return span.name  # the action and the task's name, which are ours
    return str(attributes.get("http.method") or attributes.get("http.request.method") or "span")


def _event(event: Event) -> Event:
    raised = (event.attributes or {}).get("exception.type")
    found = {"exception.type": raised} if raised else {}
    return Event(event.name if found else "event", found, event.timestamp)


def _name_route(span: trace.Span, environ: dict[str, Any], *_answer: Any) -> None:
    for name in (KIND, ROUTE):
        span.set_attribute(name, str(environ.get(name, "")))
