"""The webhook in front of Django, whose request would cost more than keeping one message does."""

import logging
import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection

from channels.intake import SOURCE
from channels.views import receive
from omnichat import request_log
from tenants.context import enter_public

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

logger = logging.getLogger(__name__)

ADDRESS = re.compile(rf"/hooks/{SOURCE}/([\w-]+)/(?:reports/([\w-]+)/)?", re.ASCII)


class WebhookFront:
    """A WSGI application that answers what is posted to the webhook and gives Django the rest.

    Django has the same addresses, for all that is unusual: another method, a host that is not the
    machines', a key that can never have been one.
    """

    def __init__(self, django: "WSGIApplication") -> None:
        self.django = django
        self.hosts = frozenset(settings.MACHINES_HOSTS)

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        address = ADDRESS.fullmatch(environ["PATH_INFO"])
        if address is None or not self._is_usual(environ):
            return self.django(environ, start_response)
        request_id = request_log.begin(environ)
        status = HTTPStatus(_answer(environ, *address.groups(default="")))
        environ |= {request_log.KIND: "webhook", request_log.ROUTE: "webhook"}
        request_log.count_webhook(status)
        headers = [("Content-Length", "0"), (request_log.HEADER, request_id)]
        start_response(f"{status:d} {status.phrase}", headers)
        return []

    def _is_usual(self, environ: "WSGIEnvironment") -> bool:
        host = environ.get("HTTP_HOST", "").partition(":")[0]
        return environ["REQUEST_METHOD"] == "POST" and host in self.hosts


def _answer(environ: "WSGIEnvironment", inbound_key: str, proof: str) -> int:
    connection.close_if_unusable_or_obsolete()  # as Django does when a request begins
    enter_public()
    try:
        return receive(environ, SOURCE, inbound_key, proof)
    except Exception:
        logger.exception("webhook_failed")  # the log leaves the words of exceptions out
        return 500
