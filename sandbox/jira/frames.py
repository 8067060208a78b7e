"""Forge in the browser: the app's shell in a frame, its bridge calls, and its small functions."""

import base64
import hashlib
import json
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from sandbox.jira import actions
from sandbox.jira.errors import control_refusal
from sandbox.jira.issues import Issue
from sandbox.jira.modules import ACTIVITY, ADMIN, extension, module_named
from sandbox.jira.people import APP, permissions_of
from sandbox.jira.remote import AnswerTooLarge
from sandbox.jira.sites import Site
from sandbox.jira.state import Jira, chosen_person, chosen_site, jira_of, json_object

# Product files, read and never imported: the same ones that the Forge app bundles.
FORGE_APP = Path(__file__).resolve().parents[2] / "jira_bridge" / "forge"
SHELL = FORGE_APP / "shell"
FUNCTIONS = FORGE_APP / "functions"
LARGEST_PAGE_CALL = 500 * 1024
_IMPORT_MAP = json.dumps(
    {"imports": {"@forge/bridge": "/static/bridge.js", "@forge/api": "/static/forge-api.js"}}
)
_IMPORT_MAP_TAG = f'<script type="importmap">{_IMPORT_MAP}</script>'
_IMPORT_MAP_HASH = base64.b64encode(hashlib.sha256(_IMPORT_MAP.encode()).digest()).decode()
_CALL_METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}


def page(html: str, policy: str) -> Response:
    """Answer with a page that can import what Forge gives its apps."""
    headers = {
        "content-security-policy": policy.replace(
            "script-src 'self'", f"script-src 'self' 'sha256-{_IMPORT_MAP_HASH}'", 1
        ),
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
    }
    # An import map must stand before the first module that needs it.
    return HTMLResponse(html.replace("<head>", f"<head>\n{_IMPORT_MAP_TAG}", 1), headers=headers)


async def shell_page(request: Request) -> Response:
    """Serve the product's shell with the sandbox's stand-in for Forge's bridge."""
    app = jira_of(request).config.app_url
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; "
        f"img-src 'self' data: blob:; connect-src 'self'; frame-src {app}; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'self'"
    )
    return page((SHELL / "index.html").read_text(), policy)


async def shell_file(request: Request) -> Response:
    return _product_file(SHELL / request.path_params["name"], {".js", ".css"})


async def function_file(request: Request) -> Response:
    return _product_file(FUNCTIONS / request.path_params["name"], {".js"})


async def context(request: Request) -> Response:
    """Tell a frame what `view.getContext` says there."""
    jira, site = jira_of(request), chosen_site(request)
    person = chosen_person(request.query_params.get("as"))
    module = module_named(request.query_params.get("module") or ACTIVITY)
    issue = _issue_of(jira, site, module, request.query_params.get("issue"))
    shown = {
        "accountId": person.account_id,
        "locale": person.locale,
        "cloudId": site.cloud_id,
        "siteUrl": site.url,
        "moduleKey": module[1],
        "environmentType": site.environment,
        "extension": extension(site, module, issue),
    }
    return JSONResponse(shown)


async def invoke(request: Request) -> Response:
    """Do what Forge does for `invokeRemote`; an `error` stands for its rejected promise."""
    body = await json_object(request)
    jira, site = jira_of(request), chosen_site(request, body)
    person = chosen_person(body.get("as"))
    module = module_named(str(body.get("module") or ACTIVITY))
    issue = _issue_of(jira, site, module, body.get("issue"))
    if issue is None and "ADMINISTER" not in permissions_of(person, ""):
        raise control_refusal(403, "You need to be a Jira administrator.")
    call = body.get("call") or {}
    path = str(call.get("path", ""))
    if call.get("method") not in _CALL_METHODS or not path.startswith("/") or not site.installed:
        raise control_refusal(400, "The call needs a method, a path and an installed app.")
    if len(json.dumps(call.get("body")).encode()) > LARGEST_PAGE_CALL:
        return _rejected("Request payload is larger than 500 KB")
    try:
        answer = await jira.forge.remote.call_from_page(site, module, issue, person, call)
    except (httpx.TimeoutException, TimeoutError):
        return _rejected("Remote invocation timed out after 25 seconds")
    except httpx.HTTPError:
        return _rejected("Invalid response from remote - remote network error")
    except AnswerTooLarge:
        return _rejected("Invalid response from remote - response is larger than 5 MB")
    return JSONResponse(_bridge_answer(answer))


async def ask_as_app(request: Request) -> Response:
    """Do what Forge does for `asApp().requestJira` of a function: ask Jira in the app's name."""
    jira, site = jira_of(request), chosen_site(request)
    token = jira.identity.mint_api_token(site, APP.account_id)
    transport = httpx.ASGITransport(app=request.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://jira") as client:
        answer = await client.get(
            f"/ex/jira/{site.cloud_id}/rest/{request.path_params['path']}",
            params=[pair for pair in request.query_params.multi_items() if pair[0] != "site"],
            headers={"authorization": f"Bearer {token}", "accept": "application/json"},
        )
    kind = answer.headers.get("content-type", "application/json")
    return Response(answer.content, answer.status_code, media_type=kind)


def _issue_of(jira: Jira, site: Site, module: tuple[str, str], key: Any) -> Issue | None:
    return None if module[1] == ADMIN else actions.issue_named(jira, site, str(key or ""))


def _product_file(path: Path, kinds: set[str]) -> Response:
    if path.suffix not in kinds or not path.is_file():
        raise control_refusal(404, "There is no such file.")
    return FileResponse(path, headers={"cache-control": "no-store"})


def _rejected(reason: str) -> Response:
    return JSONResponse({"error": reason})


def _bridge_answer(answer: httpx.Response) -> dict[str, Any]:
    """Judge the app's answer as Forge does before a page sees it."""
    if answer.status_code == HTTPStatus.UNAUTHORIZED:
        return {"error": "Remote could not verify the Forge Invocation Token"}
    if answer.is_redirect:
        return {"error": "Invalid response from remote - redirects are not followed"}
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
    Route("/forge/shell/index.html", shell_page),
    Route("/forge/shell/{name}", shell_file),
    Route("/forge/functions/{name}", function_file),
    Route("/forge/context", context),
    Route("/forge/invoke", invoke, methods=["POST"]),
    Route("/forge/jira/rest/{path:path}", ask_as_app),
]
