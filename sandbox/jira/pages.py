"""The pages of the sandbox's Jira: a queue, an issue view, and the Forge shell in its frame."""

import base64
import hashlib
import json
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from sandbox.jira import actions
from sandbox.jira.errors import control_refusal
from sandbox.jira.forge import page_extension
from sandbox.jira.issues import Remark
from sandbox.jira.people import STAFF, permissions_of
from sandbox.jira.shapes import control_view, person_named, platform_time
from sandbox.jira.sites import Site
from sandbox.jira.state import Jira, chosen_person, chosen_site, jira_of, json_object
from sandbox.jira.workflow import STATUSES

STATIC = Path(__file__).parent / "static"
# Product files, read and never imported: the same ones that the Forge app bundles.
SHELL = Path(__file__).resolve().parents[2] / "jira_bridge" / "forge" / "shell"
_QUEUE_LENGTH = 100
_IMPORT_MAP = json.dumps({"imports": {"@forge/bridge": "/static/bridge.js"}})
_IMPORT_MAP_HASH = base64.b64encode(hashlib.sha256(_IMPORT_MAP.encode()).digest()).decode()
_PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
_CALL_METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}


async def queue_page(_request: Request) -> Response:
    return _page("queue.html")


async def issue_page(_request: Request) -> Response:
    return _page("issue.html")


async def queue_rows(request: Request) -> Response:
    jira, site = jira_of(request), chosen_site(request)
    person = chosen_person(request.query_params.get("as"))
    newest = [
        issue
        for issue in reversed(jira.issues.all(site))
        if "BROWSE_PROJECTS" in permissions_of(person, issue["project"])
    ]
    shown = [control_view(jira.people, site, issue) for issue in newest[:_QUEUE_LENGTH]]
    sites = [each.slug for each in jira.sites.all()]
    return JSONResponse({"site": site.slug, "sites": sites, "count": len(newest), "rows": shown})


async def issue_view(request: Request) -> Response:
    jira, site = jira_of(request), chosen_site(request)
    person = chosen_person(request.query_params.get("as"))
    issue = actions.issue_named(jira, site, request.path_params["key"])
    held = permissions_of(person, issue["project"])
    if "BROWSE_PROJECTS" not in held:
        raise control_refusal(404, "You cannot see this request.")
    assignee = jira.people.get(site, issue["assignee"] or "")
    shown = control_view(jira.people, site, issue) | {
        "agent": "SERVICEDESK_AGENT" in held,
        "statuses": [{"name": each.name, "category": each.category} for each in STATUSES],
        "assignee": next((slug for slug, who in STAFF.items() if who == assignee), ""),
        "updated": platform_time(issue["updated"]),
        "revision": issue["updated"],
        "history": [_history_entry(jira, site, entry) for entry in issue["history"]],
        "frame": {
            "accountId": person.account_id,
            "cloudId": site.cloud_id,
            "siteUrl": site.url,
            "extension": page_extension(site, issue),
        },
    }
    return JSONResponse(shown)


async def act_on_issue(request: Request) -> Response:
    body = await json_object(request)
    jira, site = jira_of(request), chosen_site(request, body)
    person = chosen_person(body.get("as"))
    issue = actions.issue_named(jira, site, request.path_params["key"])
    if "SERVICEDESK_AGENT" not in permissions_of(person, issue["project"]):
        raise control_refusal(403, "Only agents may do this.")
    match request.path_params["action"]:
        case "transition":
            actions.move(jira, site, issue, to=str(body.get("to")), by=person)
        case "assign":
            actions.assign(jira, site, issue, to=body.get("to"), by=person)
        case "comment":
            text, public = str(body.get("text", "")), bool(body.get("public"))
            actions.comment(jira, site, issue, Remark(text, person, public=public))
        case _:
            raise control_refusal(404, "There is no such action.")
    return Response(status_code=204)


async def shell_page(request: Request) -> Response:
    """Serve the product's shell with the sandbox's stand-in for Forge's bridge."""
    html = (SHELL / "index.html").read_text()
    tag = f'<script type="importmap">{_IMPORT_MAP}</script>'
    app = jira_of(request).config.app_url
    policy = (
        f"default-src 'none'; script-src 'self' 'sha256-{_IMPORT_MAP_HASH}'; style-src 'self'; "
        f"img-src 'self' data: blob:; connect-src 'self'; frame-src {app}; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'self'"
    )
    # An import map must stand before the first module that needs it.
    return HTMLResponse(html.replace("<head>", f"<head>\n{tag}", 1), headers=_headers(policy))


async def shell_file(request: Request) -> Response:
    path = SHELL / request.path_params["name"]
    if path.suffix not in {".js", ".css"} or not path.is_file():
        raise control_refusal(404, "There is no such file.")
    return FileResponse(path, headers={"cache-control": "no-store"})


async def invoke(request: Request) -> Response:
    """Do what Forge does for `invokeRemote`; an `error` stands for its rejected promise."""
    body = await json_object(request)
    jira, site = jira_of(request), chosen_site(request, body)
    issue = actions.issue_named(jira, site, str(body.get("issue", "")))
    call = body.get("call") or {}
    path = str(call.get("path", ""))
    if call.get("method") not in _CALL_METHODS or not path.startswith("/") or not site.installed:
        raise control_refusal(400, "The call needs a method, a path and an installed app.")
    try:
        answer = await jira.forge.invoke_from_page(site, issue, chosen_person(body.get("as")), call)
    except httpx.TimeoutException:
        return JSONResponse({"error": "Remote invocation timed out after 25 seconds"})
    except httpx.HTTPError:
        return JSONResponse({"error": "Invalid response from remote - remote network error"})
    return JSONResponse(_bridge_answer(answer))


def _page(name: str) -> Response:
    return HTMLResponse((STATIC / name).read_text(), headers=_headers(_PAGE_POLICY))


def _headers(policy: str) -> dict[str, str]:
    return {
        "content-security-policy": policy,
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
    }


def _history_entry(jira: Jira, site: Site, entry: dict[str, Any]) -> dict[str, Any]:
    author = person_named(jira.people, site, entry["author"]).name
    created = platform_time(entry["created"])
    return {"author": author, "created": created, "items": entry["items"]}


def _bridge_answer(answer: httpx.Response) -> dict[str, Any]:
    """Judge the app's answer as Forge does before a page sees it."""
    if answer.status_code == HTTPStatus.UNAUTHORIZED:
        return {"error": "Remote could not verify the Forge Invocation Token"}
    kind = answer.headers.get("content-type", "application/json").partition(";")[0].strip()
    if not answer.is_success and kind != "application/json":
        return {"error": "Invalid response from remote - content-type is not application/json"}
    body: Any = None
    if answer.content or not answer.is_success:
        try:
            body = answer.json()
        except ValueError:
            return {"error": "Invalid response from remote - cannot parse body as JSON"}
    return {"status": answer.status_code, "headers": dict(answer.headers), "body": body}


routes = [
    Route("/", queue_page),
    Route("/browse/{key}", issue_page),
    Route("/page/queue", queue_rows),
    Route("/page/issue/{key}", issue_view),
    Route("/page/issue/{key}/{action}", act_on_issue, methods=["POST"]),
    Route("/forge/shell/index.html", shell_page),
    Route("/forge/shell/{name}", shell_file),
    Route("/forge/invoke", invoke, methods=["POST"]),
    Mount("/static", StaticFiles(directory=STATIC)),
]
