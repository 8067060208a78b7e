"""What a request to the sandbox's Jira works on: the parts of the app and who is calling."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from starlette.requests import Request

from sandbox.config import Config
from sandbox.jira.errors import Refused, control_refusal, family_refusal
from sandbox.jira.forge import Forge
from sandbox.jira.identity import Identity
from sandbox.jira.issues import Issue, Issues
from sandbox.jira.limits import Limits
from sandbox.jira.people import APP, STAFF, People, Person, permissions_of
from sandbox.jira.request_types import RequestTypes
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
    kinds: RequestTypes
    limits: Limits
    scopes: Mapping[str, bool]


@dataclass(frozen=True)
class Caller:
    """Whose token a REST request carries, and what the token is good for."""

    jira: Jira
    site: Site
    person: Person
    scopes: frozenset[str]
    path: str

    def demand(self, permission: str, project: str) -> None:
        """Refuse with 403 unless the caller holds the permission there."""
        if permission not in permissions_of(self.person, project):
            text = f"You do not have the permission {permission} here."
            raise family_refusal(self.path, 403, text, "sd.permission.missing")


def jira_of(request: Request) -> Jira:
    """Return the parts of the app that serves this request."""
    return cast("Jira", request.app.state.jira)


def caller_of(request: Request) -> Caller:
    """Return whose token this is; refuse with 401 when it is not good for this site."""
    if not hasattr(request.state, "caller"):
        request.state.caller = _caller(request)
    return cast("Caller", request.state.caller)


def visible_issue(caller: Caller, id_or_key: str) -> Issue:
    """Return an issue the caller may see; one that is hidden answers like one that is gone."""
    issue = caller.jira.issues.get(caller.site, id_or_key)
    if issue and sees(caller.person, issue):
        return issue
    text = "Issue does not exist or you do not have permission to see it."
    raise family_refusal(caller.path, 404, text, "sd.agent.issue.not.found")


def sees(person: Person, issue: Issue) -> bool:
    """Return whether a person may see an issue: customers see their own."""
    if person == APP and issue.get("hidden_from_app"):
        return False
    if person.account_type == "customer" and issue["reporter"] != person.account_id:
        return False
    return "BROWSE_PROJECTS" in permissions_of(person, issue["project"])


async def json_object(request: Request) -> dict[str, Any]:
    """Return the body as a JSON object or refuse with 400."""
    try:
        body = await request.json()
    except ValueError:
        body = None
    if isinstance(body, dict):
        return body
    raise control_refusal(400, "The body is not a JSON object.")


def chosen_site(request: Request, body: dict[str, Any] | None = None) -> Site:
    """Return the site a page or a control route is about."""
    named = (body or {}).get("site") or request.query_params.get("site") or DEFAULT_SLUG
    return jira_of(request).sites.get(str(named))


def chosen_person(slug: str | None) -> Person:
    """Return the member of the staff who sits at the page."""
    return STAFF.get(slug or "ana", STAFF["ana"])


def _unauthorized(path: str) -> Refused:
    text = "The token is missing, wrong or has run out."
    return family_refusal(path, 401, text, "sd.unauthorized")


def _caller(request: Request) -> Caller:
    jira = jira_of(request)
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    grant = jira.identity.check_api_token(token)
    cloud_id = request.path_params["cloud_id"]
    site = jira.sites.by_cloud_id(cloud_id)
    if grant is None or site is None or not grant.holds_on(site):
        raise _unauthorized(request.url.path)
    person = jira.people.get(site, grant.account_id)
    if person is None or not person.active:
        raise _unauthorized(request.url.path)
    usable = jira.scopes if not grant.offline else {k for k, v in jira.scopes.items() if v}
    return Caller(jira, site, person, frozenset(usable), request.url.path)
