"""The provider's webhook: one URL per site for every message, report and event of every channel."""

import logging
from typing import Any

from cryptography.fernet import InvalidToken
from django.db import Error
from django.http import HttpRequest, HttpResponse
from prometheus_client import Counter
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from channels import signatures
from channels.provider import webhook_provider
from channels.webhook_address import is_reports_address
from channels.webhook_records import count_refusal, note_call
from channels.webhook_requests import RequestRefused, bodies
from conversations import inbox
from tenants.directory import site_by_inbound_key

logger = logging.getLogger(__name__)

REFUSED = Counter("omnichat_webhook_refused", "Webhook requests refused, by reason.", ["reason"])
KEPT = Counter("omnichat_webhook_items_kept", "Items committed from webhook requests.")


class OneRenderer(BaseContentNegotiation):
    """No negotiation: the provider reads nothing but the status."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: Any = None
    ) -> tuple[BaseRenderer, str]:
        return JSONRenderer(), "application/json"


class WebhookView(APIView):
    """200 means "we have it": every item is committed as it came. Understanding comes later.

    404 for a key that is not valid, 401 without the signature that the site asks for; 503 when
    the database is down. After all but 200 the provider tries again.
    """

    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()
    content_negotiation_class = OneRenderer
    http_method_names = ["post"]

    def post(
        self, request: Request, provider: str, inbound_key: str, proof: str = ""
    ) -> HttpResponse:
        raw_request = request._request  # noqa: SLF001 - the raw body, unparsed
        try:
            return _keep(raw_request, provider, inbound_key, proof)
        except (Error, InvalidToken):
            # Of secrets that cannot be decrypted none matches, yet nothing may be lost for it.
            logger.warning("webhook_not_kept")
            REFUSED.labels("database").inc()
            return HttpResponse(status=503)


def _keep(request: HttpRequest, provider: str, inbound_key: str, proof: str) -> HttpResponse:
    site = site_by_inbound_key(inbound_key)
    if site is None or (proof and not is_reports_address(inbound_key, proof)):
        REFUSED.labels("key").inc()
        return HttpResponse(status=404)
    try:
        raw, body = bodies(request)
        if not proof:
            signatures.check(site.schema_name, request.META, (raw, body))
    except RequestRefused as refusal:
        REFUSED.labels(refusal.reason).inc()
        count_refusal(site.schema_name, refusal.reason)
        return HttpResponse(status=refusal.status)
    items = webhook_provider(provider).split(body)
    inbox.keep(f"{provider}-reports" if proof else provider, items, schema_name=site.schema_name)
    KEPT.inc(len(items))
    if not proof:  # reports prove nothing of the way that messages take
        note_call(site.schema_name)
    return HttpResponse(status=200)
