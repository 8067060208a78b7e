"""The web processes under WSGI (granian): the webhook, and Django behind it."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.utils.module_loading import import_string
from granian.utils.proxies import wrap_wsgi_with_proxy_headers

from omnichat import observing, telemetry
from tenants.pooling import refuse_transaction_pooler

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "omnichat.settings")

application: telemetry.Application = get_wsgi_application()
if settings.TRUSTED_PROXIES:
    # Of whom a trusted proxy speaks; else every request has the proxy's own address.
    application = wrap_wsgi_with_proxy_headers(application, settings.TRUSTED_PROXIES)
# By name: what it imports needs the apps that get_wsgi_application has set up.
application = import_string("omnichat.webhook_front.WebhookFront")(application)
observing.begin("web")
application = telemetry.traced(application)
refuse_transaction_pooler()
