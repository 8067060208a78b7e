"""REST for what is added to a request: comments and files."""

import base64
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.jira.errors import jsm_refusal, platform_refusal
from sandbox.jira.issues import Issue, Remark
from sandbox.jira.shapes import adf_text, jsm_comment, platform_time
from sandbox.jira.state import Caller, caller_of, json_object, visible_issue
from sandbox.jira.workflow import DESKS

_JSM = "/ex/jira/{cloud_id}/rest/servicedeskapi"
_PLATFORM = "/ex/jira/{cloud_id}/rest/api/3"


async def attach_temporary_file(request: Request) -> Response:
    caller = caller_of(request)
    if request.path_params["desk"] not in DESKS:
        text = "The service desk does not exist."
        raise jsm_refusal(404, text, "sd.validation.service.desk.missing")
    files = await _keep_uploads(caller, request)
    if not files:
        raise jsm_refusal(400, "No file was sent in the field 'file'.", "sd.attachment.missing")
    shown = [{"temporaryAttachmentId": f["id"], "fileName": f["filename"]} for f in files]
    return JSONResponse({"temporaryAttachments": shown}, status_code=201)


async def attach_to_request(request: Request) -> Response:
    caller = caller_of(request)
    issue = visible_issue(caller, request.path_params["issue"], jsm=True)
    caller.demand("ADD_COMMENTS", issue["project"])
    body = await json_object(request)
    files = [_temporary(caller, str(each)) for each in body.get("temporaryAttachmentIds") or []]
    if not files:
        text = "temporaryAttachmentIds is required."
        raise jsm_refusal(400, text, "sd.attachment.missing")
    caller.jira.issues.attach(caller.site, issue, files)
    text = str((body.get("additionalComment") or {}).get("body") or "")
    comment = _comment(caller, issue, text, public=bool(body.get("public", False)))
    values = [
        {"filename": f["filename"], "mimeType": f["mimeType"], "size": f["size"]} for f in files
    ]
    page = {"_expands": [], "size": len(values), "start": 0, "isLastPage": True, "values": values}
    return JSONResponse({"comment": comment, "attachments": page}, status_code=201)


async def comment_on_request(request: Request) -> Response:
    caller = caller_of(request)
    issue = visible_issue(caller, request.path_params["issue"], jsm=True)
    caller.demand("ADD_COMMENTS", issue["project"])
    body = await json_object(request)
    text = body.get("body")
    if not isinstance(text, str) or not text.strip():
        raise jsm_refusal(400, "The comment's body is empty.", "sd.comment.body.empty")
    shown = _comment(caller, issue, text, public=bool(body.get("public", True)))
    return JSONResponse(shown, status_code=201)


async def list_request_comments(request: Request) -> Response:
    caller = caller_of(request)
    issue = visible_issue(caller, request.path_params["issue"], jsm=True)
    values = [jsm_comment(caller.jira.people, caller.site, each) for each in issue["comments"]]
    page = {"_expands": [], "size": len(values), "start": 0, "isLastPage": True, "values": values}
    return JSONResponse(page)


async def comment_on_issue(request: Request) -> Response:
    caller = caller_of(request)
    issue = visible_issue(caller, request.path_params["issue"])
    caller.demand("ADD_COMMENTS", issue["project"])
    body = await json_object(request)
    text = adf_text(body.get("body"))
    if not text.strip():
        raise platform_refusal(400, "", comment="Comment body is not valid!")
    internal = any(
        each.get("key") == "sd.public.comment" and (each.get("value") or {}).get("internal")
        for each in body.get("properties") or []
    )
    comment = caller.jira.issues.comment(
        caller.site, issue, Remark(text, caller.person, public=not internal)
    )
    shown = {
        "id": comment["id"],
        "author": {"accountId": caller.person.account_id, "displayName": caller.person.name},
        "body": body["body"],
        "created": platform_time(comment["created"]),
        "jsdPublic": comment["public"],
    }
    return JSONResponse(shown, status_code=201)


async def attach_to_issue(request: Request) -> Response:
    caller = caller_of(request)
    issue = visible_issue(caller, request.path_params["issue"])
    caller.demand("ADD_COMMENTS", issue["project"])
    files = await _keep_uploads(caller, request)
    caller.jira.issues.attach(caller.site, issue, files)
    return JSONResponse(files)


async def get_content(request: Request) -> Response:
    caller = caller_of(request)
    kept = caller.jira.store.get("jira_file", request.path_params["attachment"])
    if kept is None or kept["site"] != caller.site.slug:
        raise platform_refusal(404, "The attachment does not exist.")
    return Response(base64.b64decode(kept["content"]), media_type=kept["mimeType"])


async def _keep_uploads(caller: Caller, request: Request) -> list[dict[str, Any]]:
    if request.headers.get("x-atlassian-token") != "no-check":
        raise jsm_refusal(403, "XSRF check failed", "sd.xsrf.check.failed")
    async with request.form() as form:
        uploads = [each for each in form.getlist("file") if isinstance(each, UploadFile)]
        return [await _keep(caller, upload) for upload in uploads]


async def _keep(caller: Caller, upload: UploadFile) -> dict[str, Any]:
    content = await upload.read()
    number = caller.jira.store.next_number("jira_file")
    kept: dict[str, Any] = {
        "id": str(20_000 + number),
        "filename": upload.filename or "file",
        "mimeType": upload.content_type or "application/octet-stream",
        "size": len(content),
    }
    secret = {"site": caller.site.slug, "content": base64.b64encode(content).decode()}
    caller.jira.store.put("jira_file", kept["id"], kept | secret)
    return kept


def _temporary(caller: Caller, attachment_id: str) -> dict[str, Any]:
    kept = caller.jira.store.get("jira_file", attachment_id)
    if kept is None or kept["site"] != caller.site.slug:
        text = "The temporary attachment does not exist or has expired."
        raise jsm_refusal(400, text, "sd.attachment.temporary.unknown")
    return {key: kept[key] for key in ("id", "filename", "mimeType", "size")}


def _comment(caller: Caller, issue: Issue, text: str, *, public: bool) -> dict[str, Any]:
    comment = caller.jira.issues.comment(
        caller.site, issue, Remark(text, caller.person, public=public)
    )
    return jsm_comment(caller.jira.people, caller.site, comment)


routes = [
    Route(
        f"{_JSM}/servicedesk/{{desk}}/attachTemporaryFile",
        attach_temporary_file,
        methods=["POST"],
    ),
    Route(f"{_JSM}/request/{{issue}}/attachment", attach_to_request, methods=["POST"]),
    Route(f"{_JSM}/request/{{issue}}/comment", comment_on_request, methods=["POST"]),
    Route(f"{_JSM}/request/{{issue}}/comment", list_request_comments),
    Route(f"{_PLATFORM}/issue/{{issue}}/comment", comment_on_issue, methods=["POST"]),
    Route(f"{_PLATFORM}/issue/{{issue}}/attachments", attach_to_issue, methods=["POST"]),
    Route(f"{_PLATFORM}/attachment/content/{{attachment}}", get_content),
]
