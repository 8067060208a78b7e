"""Our files for the provider: whoever knows the address may fetch, and nobody can guess one."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_safe

from channels.media_address import meant_by
from conversations.file_responses import file_response, served
from conversations.models import Attachment
from tenants.context import tenant_context
from tenants.directory import site_by_schema


@require_safe
def media(request: HttpRequest, token: str, _name: str) -> HttpResponseBase:
    """The file that an address of `media_url` stands for."""
    meant = meant_by(token)
    site = site_by_schema(meant.schema_name) if meant else None
    if meant is None or site is None:
        return _not_found()
    with tenant_context(site):
        attachment = Attachment.objects.filter(pk=meant.attachment_id).first()
    file = served(attachment) if attachment else None
    return file_response(request, file) if file else _not_found()


def _not_found() -> HttpResponse:
    return HttpResponse("Not found.", status=404, content_type="text/plain")
