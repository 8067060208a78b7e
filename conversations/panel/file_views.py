"""Files in the panel: those that came with messages, and those that go with the next one."""

import logging
from http import HTTPStatus

from django.http import HttpResponse, JsonResponse
from django.http.request import HttpRequest
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from conversations.contracts import Agent, Channel
from conversations.errors import DomainError, NotFound, NotStored, TooOften
from conversations.models import Attachment, Sender
from conversations.panel import fragments
from conversations.panel.access import for_agent
from conversations.panel.files import file_address
from conversations.panel.forms import PlaceForm, UploadForm
from conversations.panel.refusals import refusal, status_of
from conversations.services.fetched_files import fetch_again
from conversations.services.uploads import discard_upload, take_upload
from conversations.thread_parts import file_of

logger = logging.getLogger(__name__)

# Above the box; where it has gone meanwhile, under the banner that says why.
REFUSAL_AT = "#refusal, #panel:not(:has(#refusal)) #refused"


@require_GET
@for_agent
def addresses(_request: HttpRequest, agent: Agent, attachment_id: int) -> HttpResponse:
    """Where a file of this request is found for the next while: what was rendered has run out."""
    found = Attachment.objects.filter(pk=attachment_id, state=Attachment.State.STORED)
    in_thread = found.filter(message__conversation__issue_id=agent.issue_id)
    waiting = found.filter(message=None, issue_id=agent.issue_id, uploaded_by=agent.account_id)
    attachment = (in_thread | waiting).first()
    if attachment is None:
        return HttpResponse(status=404)
    return JsonResponse(
        {
            "address": file_address(agent, attachment),
            "thumbnail": file_address(agent, attachment, thumbnail=True),
            "download": file_address(agent, attachment, download=True),
        }
    )


@require_POST
@for_agent
def fetch(request: HttpRequest, agent: Agent, attachment_id: int) -> HttpResponse:
    """Try once more to get a file from the provider."""
    place = PlaceForm(request.POST)
    try:
        fetch_again(agent, attachment_id)
    except DomainError as refused:
        return refusal(agent, place, refused)
    return fragments.changes(agent, place)


@require_POST
@for_agent
def upload(request: HttpRequest, agent: Agent) -> HttpResponse:
    """Keep a file until it is sent; what is answered is put into the list by itself."""
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _refused(_("This file cannot be attached. Reload the page and try again."), 422)
    given = form.cleaned_data
    place = "#header-file" if given["header"] else "#uploads"
    sender = Sender.objects.working().filter(pk=given["sender"]).first()
    try:
        if sender is None:
            raise NotFound(_("This number cannot be used here. Choose another From or To."))
        taken = take_upload(agent, given["file"], Channel(sender.channel))
    except DomainError as refused:
        status = status_of(refused)
        answer = _refused(str(refused), status, at="#unsent" if given["header"] else REFUSAL_AT)
        if isinstance(refused, TooOften):
            answer["Retry-After"] = str(refused.retry_after)
        return answer
    except NotStored:
        logger.exception("upload_not_stored")
        # The page has the words: what a proxy answers in our place is shown by the same ones.
        return HttpResponse(status=HTTPStatus.INSUFFICIENT_STORAGE)
    context = {
        "agent": agent,
        "upload": file_of(taken),
        "place": place,
        "swap": "innerHTML" if given["header"] else "beforeend",
    }
    return HttpResponse(render_to_string("panel/uploaded.html", context), status=201)


@require_http_methods(["DELETE"])
@for_agent
def discard(_request: HttpRequest, agent: Agent, attachment_id: int) -> HttpResponse:
    """Forget a file that was uploaded and not sent."""
    try:
        discard_upload(agent, attachment_id)
    except DomainError as refused:
        return HttpResponse(status=status_of(refused))
    return HttpResponse(status=204)


def _refused(words: str, status: int, *, at: str = REFUSAL_AT) -> HttpResponse:
    context = {"refusal": words, "refusal_at": at}
    return HttpResponse(render_to_string("panel/changes.html", context), status=status)
