"""Control routes: read and steer the sandbox's Jira from tests and demonstrations."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.jira import actions
from sandbox.jira.errors import control_refusal
from sandbox.jira.installation import change_app, install, tick, uninstall
from sandbox.jira.shapes import control_view
from sandbox.jira.sites import DEFAULT_SLUG
from sandbox.jira.state import chosen_person, chosen_site, jira_of, json_object


async def list_requests(request: Request) -> Response:
    jira = jira_of(request)
    everywhere = request.query_params.get("site") == "all"
    sites = jira.sites.all() if everywhere else [chosen_site(request)]
    shown = [
        control_view(jira.people, site, issue) for site in sites for issue in jira.issues.all(site)
    ]
    return JSONResponse({"requests": shown})


async def get_request(request: Request) -> Response:
    jira, site = jira_of(request), chosen_site(request)
    issue = actions.issue_named(jira, site, request.path_params["key"])
    return JSONResponse(control_view(jira.people, site, issue))


async def open_request(request: Request) -> Response:
    jira, body = jira_of(request), await json_object(request)
    site = chosen_site(request, body)
    if not body.get("summary") or "@" not in str(body.get("reporter_email")):
        raise control_refusal(400, "summary and reporter_email are required.")
    kind = jira.kinds.get(site, str(body.get("request_type", "10")))
    if kind is None:
        raise control_refusal(400, "There is no such request type.")
    issue = actions.open_request(
        jira,
        site,
        kind,
        email=body["reporter_email"],
        fields={"summary": body["summary"], "description": body.get("description", "")},
    )
    return JSONResponse(control_view(jira.people, site, issue), status_code=201)


async def move_request(request: Request) -> Response:
    jira, body = jira_of(request), await json_object(request)
    site = chosen_site(request, body)
    issue = actions.issue_named(jira, site, request.path_params["key"])
    person = chosen_person(body.get("as"))
    actions.move(jira, site, issue, to=str(body.get("to")), by=person)
    return JSONResponse(control_view(jira.people, site, issue))


async def delete_request(request: Request) -> Response:
    body = await json_object(request) if await request.body() else {}
    jira, site = jira_of(request), chosen_site(request, body)
    issue = actions.issue_named(jira, site, request.path_params["key"])
    actions.delete(jira, site, issue, by=chosen_person(body.get("as")))
    return JSONResponse({"deleted": issue["key"]})


async def register_site(request: Request) -> Response:
    """Make a site on which the app is installed already, without telling the app."""
    jira, body = jira_of(request), await json_object(request)
    slug = str(body.get("site") or DEFAULT_SLUG)
    site = jira.sites.install(slug)
    if "creates_customers" in body:
        allowed = bool(body["creates_customers"])
        site = jira.sites.update(slug, creates_customers=allowed)
    jira.forge.keep_token_fresh(site)
    return JSONResponse(
        {
            "site": site.slug,
            "cloud_id": site.cloud_id,
            "installation_id": site.installation_id,
            "site_url": site.url,
            "api_base_url": site.api_base_url,
            "senders": site.senders,
            "infobip_key": site.infobip_key,
        }
    )


async def install_app(request: Request) -> Response:
    body = await json_object(request)
    return JSONResponse(await install(jira_of(request), str(body.get("site", ""))))


async def uninstall_app(request: Request) -> Response:
    body = await json_object(request)
    return JSONResponse(await uninstall(jira_of(request), str(body.get("site", ""))))


async def steer_app(request: Request) -> Response:
    body = await json_object(request)
    slug = str(body.pop("site", ""))
    return JSONResponse(await change_app(jira_of(request), slug, body))


async def tick_now(request: Request) -> Response:
    body = await json_object(request)
    return JSONResponse(await tick(jira_of(request), str(body.get("site", ""))))


routes = [
    Route("/_sandbox/requests", list_requests),
    Route("/_sandbox/requests", open_request, methods=["POST"]),
    Route("/_sandbox/requests/{key}", get_request),
    Route("/_sandbox/requests/{key}/transition", move_request, methods=["POST"]),
    Route("/_sandbox/requests/{key}/delete", delete_request, methods=["POST"]),
    Route("/_sandbox/sites", register_site, methods=["POST"]),
    Route("/_sandbox/install", install_app, methods=["POST"]),
    Route("/_sandbox/uninstall", uninstall_app, methods=["POST"]),
    Route("/_sandbox/app", steer_app, methods=["POST"]),
    Route("/_sandbox/tick", tick_now, methods=["POST"]),
]
