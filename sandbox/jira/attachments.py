"""REST for what is added to a request: comments and files."""

import base64
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.jira.documents import document_problem
from sandbox.jira.errors import family_refusal, jsm_refusal, platform_refusal
from sandbox.jira.fields import MAX_TEXT
from sandbox.jira.gate import rest_routes
from sandbox.jira.issues import Issue, Remark, now_ms
from sandbox.jira.paging import jsm_page, window
from sandbox.jira.people import platform_user
from sandbox.jira.servicedesk import wanted_desk
from sandbox.jira.shapes import (
    adf,
    adf_text,
    jsm_comment,
    person_named,
    platform_attachment,
    platform_time,
)
from sandbox.jira.state import Caller, caller_of, json_object, visible_issue

_MAX_FILE = 100_000_000
_MOST_FILES = 60
_INTERNAL = "sd.public.comment"
_MOST_COMMENTS = 5000


async def attach_temporary_file(request: Request) -> Response:
    caller = caller_of(request)
    wanted_desk(caller, request)
    files = await _keep_uploads(caller, request)
    shown = [{"temporaryAttachmentId": f["id"], "fileName": f["filename"]} for f in files]
    return JSONResponse({"temporaryAttachments": shown}, status_code=201)


async def attach_to_request(request: Request) -> Response:
    caller = caller_of(request)
    issue = visible_issue(caller, request.path_params["issue"])
    caller.demand("CREATE_ATTACHMENTS", issue["project"])
    body = await json_object(request)
    files = [_temporary(caller, each) for each in body["temporaryAttachmentIds"]]
    if not files:
        text = "temporaryAttachmentIds is required."
        raise jsm_refusal(400, text, "sd.attachment.missing")
    caller.jira.issues.attach(caller.site, issue, files)
    text = body.get("additionalComment", {}).get("body", "")
    comment = _comment(caller, issue, text, public=body.get("public", False))
    values = [
        {"filename": f["filename"], "mimeType": f["mimeType"], "size": f["size"]} for f in files
    ]
    shown = {"comment": comment, "attachments": jsm_page(request, values)}
    return JSONResponse(shown, status_code=201)


async def comment_on_request(request: Request) -> Response:
    caller = caller_of(request)
    issue = visible_issue(caller, request.path_params["issue"])
    caller.demand("ADD_COMMENTS", issue["project"])
    body = await json_object(request)
    text = body["body"]
    if not text.strip() or len(text) > MAX_TEXT:
        words = f"A comment has between 1 and {MAX_TEXT} characters."
        raise jsm_refusal(400, words, "sd.comment.body.length")
    shown = _comment(caller, issue, text, public=body.get("public", True))
    return JSONResponse(shown, status_code=201)


async def list_request_comments(request: Request) -> Response:
    caller = caller_of(request)
    issue = visible_issue(caller, request.path_params["issue"])
    wanted = {
        public
        for public, name in ((True, "public"), (False, "internal"))
        if request.query_params.get(name, "true") == "true"
    }
    values = [
        jsm_comment(caller.jira.people, caller.site, each)
        for each in issue["comments"]
        if each["public"] in wanted
    ]
    return JSONResponse(jsm_page(request, values))


async def list_issue_comments(request: Request) -> Response:
    caller = caller_of(request)
    issue = visible_issue(caller, request.path_params["issue"])
    newest_first = request.query_params.get("orderBy") == "-created"
    ordered = issue["comments"][::-1] if newest_first else issue["comments"]
    start, limit = window(request, "startAt", "maxResults", standard=100, most=_MOST_COMMENTS)
    shown = [_shown(caller, each) for each in ordered[start : start + limit]]
    return JSONResponse(
        {"startAt": start, "maxResults": limit, "total": len(ordered), "comments": shown}
    )


async def comment_on_issue(request: Request) -> Response:
    caller = caller_of(request)
    issue = visible_issue(caller, request.path_params["issue"])
    caller.demand("ADD_COMMENTS", issue["project"])
    body = await json_object(request)
    text = adf_text(body["body"])
    problem = document_problem(body["body"])
    if problem or not text.strip():
        raise platform_refusal(400, "", comment=problem or "Comment body can not be empty!")
    if len(text) > MAX_TEXT:
        words = f"The entered text is too long. It exceeds the allowed limit of {MAX_TEXT}."
        raise platform_refusal(400, "", comment=words)
    public = not any(_says_internal(each) for each in body.get("properties", []))
    comment = caller.jira.issues.comment(
        caller.site, issue, Remark(text, caller.person, public=public)
    )
    return JSONResponse(_shown(caller, comment), status_code=201)


async def attach_to_issue(request: Request) -> Response:
    caller = caller_of(request)
    issue = visible_issue(caller, request.path_params["issue"])
    caller.demand("CREATE_ATTACHMENTS", issue["project"])
    files = await _keep_uploads(caller, request)
    caller.jira.issues.attach(caller.site, issue, files)
    shown = [platform_attachment(caller.jira.people, caller.site, each) for each in files]
    return JSONResponse(shown)


async def get_content(request: Request) -> Response:
    caller = caller_of(request)
    kept = caller.jira.store.get("jira_file", request.path_params["attachment"])
    if kept is None or kept["site"] != caller.site.slug:
        raise platform_refusal(404, "The attachment does not exist.")
    return Response(base64.b64decode(kept["content"]), media_type=kept["mimeType"])


def _says_internal(each: dict[str, Any]) -> bool:
    value = each.get("value")
    return each.get("key") == _INTERNAL and isinstance(value, dict) and bool(value.get("internal"))


def _shown(caller: Caller, comment: dict[str, Any]) -> dict[str, Any]:
    author = person_named(caller.jira.people, caller.site, comment["author"])
    return {
        "id": comment["id"],
        "author": platform_user(author),
        "body": adf(comment["body"]),
        "created": platform_time(comment["created"]),
        "updated": platform_time(comment["created"]),
        "jsdPublic": comment["public"],
    }


async def _keep_uploads(caller: Caller, request: Request) -> list[dict[str, Any]]:
    async with request.form() as form:
        parts = form.multi_items()
        uploads = [part for name, part in parts if name == "file" and isinstance(part, UploadFile)]
        if not uploads or len(uploads) < len(parts):
            text = "Files are sent in fields 'file', and nothing else is."
            raise family_refusal(caller.path, 400, text, "sd.attachment.missing")
        if len(uploads) > _MOST_FILES or any((each.size or 0) > _MAX_FILE for each in uploads):
            text = "The attachments are too many or too large."
            raise family_refusal(caller.path, 413, text, "sd.attachment.too.large")
        return [await _keep(caller, upload) for upload in uploads]


async def _keep(caller: Caller, upload: UploadFile) -> dict[str, Any]:
    content = await upload.read()
    number = caller.jira.store.next_number("jira_file")
    kept: dict[str, Any] = {
        "id": str(20_000 + number),
        "filename": upload.filename or "file",
        "mimeType": upload.content_type or "application/octet-stream",
        "size": len(content),
        "created": now_ms(),
        "author": caller.person.account_id,
    }
    secret = {"site": caller.site.slug, "content": base64.b64encode(content).decode()}
    caller.jira.store.put("jira_file", kept["id"], kept | secret)
    return kept


def _temporary(caller: Caller, attachment_id: str) -> dict[str, Any]:
    kept = caller.jira.store.get("jira_file", attachment_id)
    if kept is None or kept["site"] != caller.site.slug:
        text = "The temporary attachment does not exist or has expired."
        raise jsm_refusal(400, text, "sd.attachment.temporary.unknown")
    return {key: value for key, value in kept.items() if key not in {"site", "content"}}


def _comment(caller: Caller, issue: Issue, text: str, *, public: bool) -> dict[str, Any]:
    comment = caller.jira.issues.comment(
        caller.site, issue, Remark(text, caller.person, public=public)
    )
    return jsm_comment(caller.jira.people, caller.site, comment)


routes = rest_routes(
    {
        "POST servicedeskapi/servicedesk/{desk}/attachTemporaryFile": attach_temporary_file,
        "POST servicedeskapi/request/{issue}/attachment": attach_to_request,
        "POST servicedeskapi/request/{issue}/comment": comment_on_request,
        "GET servicedeskapi/request/{issue}/comment": list_request_comments,
        "GET api/3/issue/{issue}/comment": list_issue_comments,
        "POST api/3/issue/{issue}/comment": comment_on_issue,
        "POST api/3/issue/{issue}/attachments": attach_to_issue,
        "GET api/3/attachment/content/{attachment}": get_content,
    }
)
