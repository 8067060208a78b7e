"""The pages of the sandbox's Jira and their data: queues, the issue view, the app's admin page."""

import base64
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from sandbox.jira import actions
from sandbox.jira.errors import control_refusal
from sandbox.jira.frames import page
from sandbox.jira.issues import Issue, Remark
from sandbox.jira.jql import search
from sandbox.jira.modules import CONTEXT, extension, module_named
from sandbox.jira.people import STAFF, permissions_of
from sandbox.jira.shapes import control_view, person_named, platform_time
from sandbox.jira.sites import Site
from sandbox.jira.state import Jira, chosen_person, chosen_site, jira_of, json_object
from sandbox.jira.workflow import DESKS, STATUSES

STATIC = Path(__file__).parent / "static"
_QUEUE_LENGTH = 100
QUEUES = {
    "open": "statusCategory != Done",
    "chats": 'issue.property[omnichat].state = "active"',
    "resolved": "statusCategory = Done",
}
_PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


async def queue_page(_request: Request) -> Response:
    return _page("queue.html")


async def issue_page(_request: Request) -> Response:
    return _page("issue.html")


async def admin_page(_request: Request) -> Response:
    return _page("admin.html")


async def queue_rows(request: Request) -> Response:
    jira, site = jira_of(request), chosen_site(request)
    person = chosen_person(request.query_params.get("as"))
    visible = [
        issue
        for issue in reversed(jira.issues.all(site))
        if "BROWSE_PROJECTS" in permissions_of(person, issue["project"])
    ]
    query = QUEUES.get(request.query_params.get("queue", ""))
    found = search(visible, query) if query else visible
    rows = [_row(jira, site, issue) for issue in found[:_QUEUE_LENGTH]]
    types = [kind for desk in DESKS for kind in jira.kinds.of_desk(site, desk)]
    shown = {
        "site": site.slug,
        "sites": [each.slug for each in jira.sites.all()],
        "count": len(found),
        "rows": rows,
        "agent": "SERVICEDESK_AGENT" in permissions_of(person, DESKS["1"].project_key),
        "types": [{"id": kind.id, "name": kind.name} for kind in types],
    }
    return JSONResponse(shown)


async def app_view(request: Request) -> Response:
    """Say what Jira's settings show of the app, and whether this person may see it."""
    site = chosen_site(request)
    person = chosen_person(request.query_params.get("as"))
    shown = {
        name: getattr(site, name) for name in ("installed", "version", "licence", "environment")
    }
    return JSONResponse({**shown, "admin": "ADMINISTER" in permissions_of(person, "")})


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
        "installed": site.installed,
        "me": person.account_id,
        "project": {"key": issue["project"], "name": DESKS[issue["desk_id"]].project_name},
        "statuses": [{"name": each.name, "category": each.category} for each in STATUSES],
        "assignee": next((slug for slug, who in STAFF.items() if who == assignee), ""),
        "updated": platform_time(issue["updated"]),
        "revision": issue["updated"],
        "history": [_history_entry(jira, site, entry) for entry in issue["history"]],
        "changed": _last_change(issue),
        "extension": extension(site, module_named(CONTEXT), issue),
    }
    return JSONResponse(shown)


async def open_request(request: Request) -> Response:
    """Let the person at the queue open a request for a customer who wrote an e-mail."""
    body = await json_object(request)
    jira, site = jira_of(request), chosen_site(request, body)
    kind = jira.kinds.get(site, str(body.get("type", "10")))
    wanted = {name: str(body.get(name, "")).strip() for name in ("name", "email", "summary")}
    if kind is None or not all(wanted.values()) or "@" not in wanted["email"]:
        raise control_refusal(400, "Give the customer's name and e-mail address, and a summary.")
    person = chosen_person(body.get("as"))
    if "SERVICEDESK_AGENT" not in permissions_of(person, DESKS[kind.desk_id].project_key):
        raise control_refusal(403, "Only agents may do this.")
    issue = actions.open_request(
        jira,
        site,
        kind,
        email=wanted["email"],
        name=wanted["name"],
        fields={"summary": wanted["summary"], "description": str(body.get("description", ""))},
    )
    return JSONResponse({"key": issue["key"]}, status_code=201)


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


async def attachment(request: Request) -> Response:
    """Serve a file of a request; whatever it is, it runs no script here."""
    jira, site = jira_of(request), chosen_site(request)
    person = chosen_person(request.query_params.get("as"))
    issue = actions.issue_named(jira, site, request.path_params["key"])
    wanted = request.path_params["file"]
    kept = jira.store.get("jira_file", wanted)
    mine = any(each["id"] == wanted for each in issue["attachments"])
    if not kept or not mine or "BROWSE_PROJECTS" not in permissions_of(person, issue["project"]):
        raise control_refusal(404, "There is no such file.")
    headers = {"content-security-policy": "sandbox", "x-content-type-options": "nosniff"}
    return Response(base64.b64decode(kept["content"]), media_type=kept["mimeType"], headers=headers)


def _page(name: str) -> Response:
    return page((STATIC / name).read_text(), _PAGE_POLICY)


def _row(jira: Jira, site: Site, issue: Issue) -> dict[str, Any]:
    assignee = jira.people.get(site, issue["assignee"] or "")
    shown = control_view(jira.people, site, issue)
    return shown | {
        "assignee": assignee.name if assignee else "",
        "updated": platform_time(issue["updated"]),
    }


def _history_entry(jira: Jira, site: Site, entry: dict[str, Any]) -> dict[str, Any]:
    author = person_named(jira.people, site, entry["author"]).name
    created = platform_time(entry["created"])
    return {"author": author, "created": created, "items": entry["items"]}


def _last_change(issue: Issue) -> dict[str, Any]:
    """Say who changed the issue last and how, as the browser's event does."""
    updates = [(each["created"], "updated", each["author"]) for each in issue["history"]]
    remarks = [(each["created"], "commented", each["author"]) for each in issue["comments"]]
    _at, kind, author = max([*updates, *remarks], default=(0, "updated", issue["reporter"]))
    return {"changeType": kind, "atlassianId": author}


routes = [
    Route("/", queue_page),
    Route("/browse/{key}", issue_page),
    Route("/admin", admin_page),
    Route("/page/queue", queue_rows),
    Route("/page/app", app_view),
    Route("/page/requests", open_request, methods=["POST"]),
    Route("/page/issue/{key}", issue_view),
    Route("/page/issue/{key}/files/{file}", attachment),
    Route("/page/issue/{key}/{action}", act_on_issue, methods=["POST"]),
    Mount("/static", StaticFiles(directory=STATIC)),
]
