"""What a request to the sandbox's Jira works on: the parts of the app and who is calling."""

from dataclasses import dataclass
from typing import Any, cast

from starlette.requests import Request

from sandbox.config import Config
from sandbox.jira.errors import Refused, control_refusal, jsm_refusal, platform_refusal
from sandbox.jira.forge import Forge
from sandbox.jira.identity import Identity
from sandbox.jira.issues import Issue, Issues
from sandbox.jira.people import STAFF, People, Person, permissions_of
from sandbox.jira.sites import DEFAULT_SLUG, Site, Sites
from sandbox.store import Store


@dataclass(frozen=True)
class Jira:
    """The parts of the app that routes use."""

    config: Config
    store: Store
    identity: Identity
    sites: Sites
    people: People
    issues: Issues
    forge: Forge


@dataclass(frozen=True)
class Caller:
    """Whose token a REST request carries."""

    jira: Jira
    site: Site
    person: Person

    def demand(self, permission: str, project: str) -> None:
        """Refuse with 403 unless the caller holds the permission there."""
        if permission not in permissions_of(self.person, project):
            raise platform_refusal(403, f"You do not have the permission {permission} here.")


def jira_of(request: Request) -> Jira:
    """Return the parts of the app that serves this request."""
    return cast("Jira", request.app.state.jira)


def caller_of(request: Request) -> Caller:
    """Return whose token this is; refuse with 401 when it is not good for this site."""
    jira = jira_of(request)
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    grant = jira.identity.check_api_token(token)
    cloud_id = request.path_params["cloud_id"]
    site = jira.sites.by_cloud_id(cloud_id)
    if grant is None or site is None or not site.installed or grant.cloud_id != cloud_id:
        raise _unauthorized(request.url.path)
    person = jira.people.get(site, grant.account_id)
    if person is None:
        raise _unauthorized(request.url.path)
    return Caller(jira, site, person)


def visible_issue(caller: Caller, id_or_key: str, *, jsm: bool = False) -> Issue:
    """Return an issue the caller may see; one that is hidden answers like one that is gone."""
    issue = caller.jira.issues.get(caller.site, id_or_key)
    if issue and "BROWSE_PROJECTS" in permissions_of(caller.person, issue["project"]):
        return issue
    text = "Issue does not exist or you do not have permission to see it."
    if jsm:
        raise jsm_refusal(404, text, "sd.agent.issue.not.found")
    raise platform_refusal(404, text)


async def json_object(request: Request) -> dict[str, Any]:
    """Return the body as a JSON object or refuse with 400 in the words of the route's family."""
    try:
        body = await request.json()
    except ValueError:
        body = None
    if isinstance(body, dict):
        return body
    if "/servicedeskapi/" in request.url.path:
        raise jsm_refusal(400, "The request body is not a JSON object.", "sd.request.body.invalid")
    if "/rest/api/" in request.url.path:
        raise platform_refusal(400, "There was an error parsing JSON.")
    raise control_refusal(400, "The body is not a JSON object.")


def chosen_site(request: Request, body: dict[str, Any] | None = None) -> Site:
    """Return the site a page or a control route is about."""
    named = (body or {}).get("site") or request.query_params.get("site") or DEFAULT_SLUG
    return jira_of(request).sites.get(str(named))


def chosen_person(slug: str | None) -> Person:
    """Return the member of the staff who sits at the page."""
    return STAFF.get(slug or "ana", STAFF["ana"])


def _unauthorized(path: str) -> Refused:
    if "/servicedeskapi/" in path:
        return jsm_refusal(401, "The token is missing, wrong or has run out.", "sd.unauthorized")
    return platform_refusal(401, "The token is missing, wrong or has run out.")
