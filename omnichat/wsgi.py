"""The web processes: Django under WSGI (granian)."""

import os

from django.core.wsgi import get_wsgi_application

from tenants.pooling import refuse_transaction_pooler

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "omnichat.settings")

application = get_wsgi_application()
refuse_transaction_pooler()
