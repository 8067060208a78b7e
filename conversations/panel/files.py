"""Addresses of stored files for pictures and players in a panel, which cannot carry a header."""

from time import time

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_safe

from conversations.contracts import Agent
from conversations.file_responses import file_response, served
from conversations.models import Attachment
from tenants.context import tenant_context
from tenants.directory import site_by_schema

LASTS_SECONDS = 15 * 60
# An address stays the same for so long, lest a picture be loaded anew with every change of its row.
STEADY_SECONDS = 5 * 60

_signer = signing.Signer(salt="conversations.panel.files", sep=".")


def file_address(
    agent: Agent, attachment: Attachment, *, thumbnail: bool = False, download: bool = False
) -> str:
    """Return where an agent finds a file for the next ten to fifteen minutes."""
    ends_at = int(time()) // STEADY_SECONDS * STEADY_SECONDS + LASTS_SECONDS
    said = [agent.schema_name, attachment.pk, agent.account_id, thumbnail, download, ends_at]
    signed = _signer.sign_object(said)
    return reverse("panel-stored-file", settings.PUBLIC_SCHEMA_URLCONF, args=[signed])


@require_safe
def stored_file(request: HttpRequest, signed: str) -> HttpResponseBase:
    """The file itself; whose it is, nobody but the signature says."""
    try:
        schema_name, pk, _account_id, thumbnail, download, ends_at = _signer.unsign_object(signed)
    except (signing.BadSignature, ValueError):
        return _not_found()
    site = site_by_schema(schema_name) if ends_at > time() else None
    if site is None:
        return _not_found()
    with tenant_context(site):
        attachment = Attachment.objects.filter(pk=pk).first()
    file = served(attachment, thumbnail=thumbnail) if attachment else None
    if file is None:
        return _not_found()
    return file_response(request, file, download=download, keep_seconds=LASTS_SECONDS)


def _not_found() -> HttpResponse:
    return HttpResponse(
        "Not found.", status=404, content_type="text/plain", headers={"Cache-Control": "no-store"}
    )
