"""The provider's webhook: one URL per site for every message, report and event of every channel."""

import logging
from collections.abc import Mapping
from typing import Any

from cryptography.fernet import InvalidToken
from django.db import Error
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.views.decorators.csrf import csrf_exempt
from prometheus_client import Counter

from channels import signatures
from channels.provider import webhook_provider
from channels.webhook_address import is_reports_address
from channels.webhook_records import count_refusal, note_call
from channels.webhook_requests import RequestRefused, bodies
from conversations import inbox
from tenants.directory import schema_by_inbound_key

logger = logging.getLogger(__name__)

REFUSED = Counter("omnichat_webhook_refused", "Webhook requests refused, by reason.", ["reason"])
KEPT = Counter("omnichat_webhook_items_kept", "Items committed from webhook requests.")


@csrf_exempt
def webhook(request: HttpRequest, provider: str, inbound_key: str, proof: str = "") -> HttpResponse:
    """Answer what the web process has left to Django: see `omnichat.webhook_front`."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    return HttpResponse(status=receive(request.META, provider, inbound_key, proof))


def receive(environ: Mapping[str, Any], provider: str, inbound_key: str, proof: str = "") -> int:
    """Keep what a posted request brings, as WSGI hands it over; returns the answer's status.

    200 means "we have it": every item is committed as it came. Understanding comes later. 404 for
    a key that is not valid, 401 without the signature that the site asks for; 503 when the
    database is down. After all but 200 the provider tries again.
    """
    try:
        return _keep(environ, provider, inbound_key, proof)
    except (Error, InvalidToken):
        # Of secrets that cannot be decrypted none matches, yet nothing may be lost for it.
        logger.warning("webhook_not_kept")
        REFUSED.labels("database").inc()
        return 503


def _keep(environ: Mapping[str, Any], provider: str, inbound_key: str, proof: str) -> int:
    schema_name = schema_by_inbound_key(inbound_key)
    if schema_name is None or (proof and not is_reports_address(inbound_key, proof)):
        REFUSED.labels("key").inc()
        return 404
    try:
        raw, body = bodies(environ)
        if not proof:
            signatures.check(schema_name, environ, (raw, body))
    except RequestRefused as refusal:
        REFUSED.labels(refusal.reason).inc()
        count_refusal(schema_name, refusal.reason)
        return refusal.status
    items = webhook_provider(provider).split(body)
    inbox.keep(f"{provider}-reports" if proof else provider, items, schema_name=schema_name)
    KEPT.inc(len(items))
    if not proof:  # reports prove nothing of the way that messages take
        note_call(schema_name)
    return 200
