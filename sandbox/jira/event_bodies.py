"""What Forge's events say: the body of each, as the app receives it."""

import secrets
from typing import Any

from sandbox.jira.identity import Identity
from sandbox.jira.issues import Issue, now_ms
from sandbox.jira.people import APP, STAFF, People, Person, platform_user
from sandbox.jira.scopes import MANIFEST, granted_scopes
from sandbox.jira.shapes import adf, event_fields
from sandbox.jira.sites import Site
from sandbox.jira.workflow import Status


def issue_event(name: str, people: People, site: Site, issue: Issue, by: Person) -> dict[str, Any]:
    """Return what all events about an issue have in common."""
    fields = event_fields(people, site, issue)
    about = {"id": issue["id"], "key": issue["key"], "fields": fields}
    return _event(f"avi:jira:{name}:issue", by) | {"issue": about}


def update(items: list[dict[str, Any]], by: Person, statuses: tuple[Status, ...]) -> dict[str, Any]:
    """Return what the event of a changed issue adds; `statuses` are the old and the new one."""
    resolved = len(statuses) > 1 and statuses[1].category == "done"
    added = {
        "changelog": {"items": items},
        "associatedUsers": [platform_user(by)],
        "jiraEventTypeName": "issue_resolved" if resolved else "issue_generic",
    }
    if statuses:
        added["associatedStatuses"] = [{"id": each.id, "name": each.name} for each in statuses]
    return added


def remark(comment: dict[str, Any], by: Person) -> dict[str, Any]:
    """Return what the event of a comment adds."""
    shown = {
        "id": comment["id"],
        "author": platform_user(by),
        "body": adf(comment["body"]),
        "jsdPublic": comment["public"],
    }
    return {"comment": shown}


def desk_event(thing: str, name: str, details: dict[str, Any], by: Person) -> dict[str, Any]:
    """Return the event of a changed request type or service desk."""
    # Atlassian shows no body of these: only that they come is certain.
    return _event(f"avi:jsm-entity:{name}:{thing}", by) | {"entity": details}


def installed(identity: Identity, site: Site) -> dict[str, Any]:
    """Return the event of a new installation."""
    app = {"name": "OmniChat", "ownerAccountId": APP.account_id}
    body = _lifecycle("installed", identity, site) | {
        "installerAccountId": STAFF["ana"].account_id,
    }
    return body | {"app": body["app"] | app}


def upgraded(identity: Identity, site: Site) -> dict[str, Any]:
    """Return the event of an upgrade that an admin agreed to."""
    return _lifecycle("upgraded", identity, site) | {
        "upgraderAccountId": STAFF["ana"].account_id,
        "permissions": {"scopes": list(granted_scopes(MANIFEST)), "external": {}},
    }


def scheduled(site: Site, module_key: str) -> dict[str, Any]:
    """Return the body of a tick, and of the call before an uninstall."""
    context = {"cloudId": site.cloud_id, "moduleKey": module_key}
    return {"context": context, "contextToken": secrets.token_urlsafe(24)}


def _event(name: str, by: Person) -> dict[str, Any]:
    return {
        "eventType": name,
        "selfGenerated": by == APP,
        "timestamp": str(now_ms()),
        "atlassianId": by.account_id,
    }


def _lifecycle(name: str, identity: Identity, site: Site) -> dict[str, Any]:
    return {
        "eventType": f"avi:forge:{name}:app",
        "id": site.installation_id.rpartition("/")[2],
        "app": {"id": identity.app_id.rpartition("/")[2], "version": site.version},
        "environment": {"id": identity.environment_id(site).rpartition("/")[2]},
    }
