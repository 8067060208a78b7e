"""The web processes: Django under WSGI (granian)."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from granian.utils.proxies import wrap_wsgi_with_proxy_headers

from omnichat import observing, telemetry
from tenants.pooling import refuse_transaction_pooler

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "omnichat.settings")

application: telemetry.Application = get_wsgi_application()
if settings.TRUSTED_PROXIES:
    # Of whom a trusted proxy speaks; else every request has the proxy's own address.
    application = wrap_wsgi_with_proxy_headers(application, settings.TRUSTED_PROXIES)
observing.begin("web")
application = telemetry.traced(application)
refuse_transaction_pooler()
