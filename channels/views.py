"""The provider's webhook: one URL per site for every message, report and event of every channel."""

import logging
from typing import Any

from django.db import Error
from django.http import HttpRequest, HttpResponse
from prometheus_client import Counter
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from channels.provider import webhook_provider
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

    404 for a key that is not valid; 503 when the database is down, so that it comes again.
    """

    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()
    content_negotiation_class = OneRenderer
    http_method_names = ["post"]

    def post(self, request: Request, provider: str, inbound_key: str) -> HttpResponse:
        try:
            return self._keep(request._request, provider, inbound_key)  # noqa: SLF001 - the raw body, unparsed
        except Error:
            logger.warning("webhook_not_kept")
            REFUSED.labels("database").inc()
            return HttpResponse(status=503)

    def _keep(self, request: HttpRequest, provider: str, inbound_key: str) -> HttpResponse:
        site = site_by_inbound_key(inbound_key)
        if site is None:
            REFUSED.labels("key").inc()
            return HttpResponse(status=404)
        items = webhook_provider(provider).split(request.body)
        inbox.keep(provider, items, schema_name=site.schema_name)
        KEPT.inc(len(items))
        return HttpResponse(status=200)
