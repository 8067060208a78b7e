"""Control routes of the REST half: limits, request types and accounts.

- `/_sandbox/limits`: GET shows the points an hour, what is spent and what remains; POST sets
  `points_per_hour` (all sites) and `site_points_per_hour` (each; null for none); DELETE forgets.
- `/_sandbox/request-types`: POST `{"site"?, "id", "required"?: [field ids], "deleted"?}` changes a
  type as an admin would; the app gets the event.
- `/_sandbox/requests/{key}/visibility`: POST `{"site"?, "hidden": bool}` hides a request from the
  app's own account, as a permission scheme or a security level would; no event tells of it.
- `/_sandbox/people`: GET lists a site's accounts; POST `{"site"?, "email", "active"}`.

The index's lag is the environment variable SANDBOX_INDEX_LAG, in seconds. Refusals on demand are
the kinds `401` (gateway), `403` (the site's list of addresses), `429`, `429_quota` and
`429_site_quota` of `/_sandbox/faults`.
"""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.jira.actions import issue_named
from sandbox.jira.errors import control_refusal
from sandbox.jira.people import STAFF
from sandbox.jira.state import chosen_site, jira_of, json_object


async def show_limits(request: Request) -> Response:
    return JSONResponse(jira_of(request).limits.shown())


async def set_limits(request: Request) -> Response:
    """Set `points_per_hour` of all sites and `site_points_per_hour` of each, null for none."""
    limits, body = jira_of(request).limits, await json_object(request)
    if not all(each is None or isinstance(each, int) for each in body.values()):
        raise control_refusal(400, "Limits are numbers of points.")
    if "points_per_hour" in body:
        limits.points_per_hour = body["points_per_hour"] or 0
    if "site_points_per_hour" in body:
        limits.site_points_per_hour = body["site_points_per_hour"]
    return JSONResponse(limits.shown())


async def forget_limits(request: Request) -> Response:
    """Go back to Jira's own limits, with nothing spent."""
    limits = jira_of(request).limits
    limits.reset()
    return JSONResponse(limits.shown())


async def change_request_type(request: Request) -> Response:
    """Change a request type as an admin of the site would, and have Jira tell the app."""
    jira, body = jira_of(request), await json_object(request)
    site, kind_id = chosen_site(request, body), str(body.get("id"))
    deleted, required = body.get("deleted"), body.get("required")
    if not (deleted is None or isinstance(deleted, bool)) or not _is_names(required):
        raise control_refusal(400, "required is a list of field ids, deleted is true or false.")
    existed = jira.kinds.get(site, kind_id) is not None
    kind = jira.kinds.change(site, kind_id, required=required, deleted=deleted)
    exists = jira.kinds.get(site, kind_id) is not None
    change = "updated" if existed == exists else "created" if exists else "deleted"
    jira.forge.tell_request_type_changed(site, kind, by=STAFF["ana"], change=change)
    now = jira.kinds.get(site, kind_id)
    shown = {"id": kind.id, "name": kind.name, "deleted": now is None}
    return JSONResponse(shown | {"required": list(now.required) if now else []})


async def change_visibility(request: Request) -> Response:
    """Hide a request from the app's own account, or show it again."""
    jira, body = jira_of(request), await json_object(request)
    site, hidden = chosen_site(request, body), body.get("hidden")
    issue = issue_named(jira, site, request.path_params["key"])
    if not isinstance(hidden, bool):
        raise control_refusal(400, "hidden is true or false.")
    issue["hidden_from_app"] = hidden
    jira.issues.save(site, issue)
    return JSONResponse({"key": issue["key"], "hidden": hidden})


async def list_people(request: Request) -> Response:
    people = jira_of(request).people.all(chosen_site(request))
    shown = [
        {
            "account_id": person.account_id,
            "name": person.name,
            "email": person.email,
            "account_type": person.account_type,
            "active": person.active,
        }
        for person in people
    ]
    return JSONResponse({"people": shown})


async def change_person(request: Request) -> Response:
    """Deactivate the account of a mail address, or bring it back."""
    jira, body = jira_of(request), await json_object(request)
    site, active = chosen_site(request, body), body.get("active")
    person = jira.people.by_email(site, str(body.get("email")))
    if person is None or not isinstance(active, bool):
        raise control_refusal(400, "email names an account, active is true or false.")
    jira.people.set_active(site, person.account_id, active=active)
    return JSONResponse({"account_id": person.account_id, "active": active})


def _is_names(value: object) -> bool:
    return value is None or (
        isinstance(value, list) and all(isinstance(name, str) for name in value)
    )


routes = [
    Route("/_sandbox/limits", show_limits),
    Route("/_sandbox/limits", set_limits, methods=["POST"]),
    Route("/_sandbox/limits", forget_limits, methods=["DELETE"]),
    Route("/_sandbox/request-types", change_request_type, methods=["POST"]),
    Route("/_sandbox/requests/{key}/visibility", change_visibility, methods=["POST"]),
    Route("/_sandbox/people", list_people),
    Route("/_sandbox/people", change_person, methods=["POST"]),
]
