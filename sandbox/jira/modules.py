"""The app's modules in Jira's pages: their keys, and what Forge tells a page about its place."""

import uuid
from typing import Any

from sandbox.jira.errors import control_refusal
from sandbox.jira.issues import Issue
from sandbox.jira.shapes import browse_url
from sandbox.jira.sites import Site
from sandbox.jira.workflow import DESKS

ACTIVITY = "omnichat-activity"
CONTEXT = "omnichat-context"
ADMIN = "omnichat-admin"
MODULE_TYPES = {
    ACTIVITY: "jira:issueActivity",
    CONTEXT: "jira:issueContext",
    ADMIN: "jira:adminPage",
}


def module_named(key: str) -> tuple[str, str]:
    """Return the type and key of one of the app's modules or refuse with 404."""
    if key not in MODULE_TYPES:
        raise control_refusal(404, f"The app has no module {key!r}.")
    return MODULE_TYPES[key], key


def page_context(site: Site, module: tuple[str, str], issue: Issue | None) -> dict[str, Any]:
    """Return the context that Forge signs for a page's call."""
    return {
        "localId": str(uuid.uuid4()),
        "cloudId": site.cloud_id,
        "moduleKey": module[1],
        "siteUrl": site.url,
        "extension": extension(site, module, issue),
    }


def extension(site: Site, module: tuple[str, str], issue: Issue | None) -> dict[str, Any]:
    """Return what Forge tells a page about where it stands."""
    if issue is None:
        return {"type": module[0], "location": f"{site.url}/admin"}
    return {
        "type": module[0],
        "issue": {
            "id": issue["id"],
            "key": issue["key"],
            "type": "[System] Service request",
            "typeId": "10110",
        },
        "project": {
            "id": DESKS[issue["desk_id"]].project_id,
            "key": issue["project"],
            "type": "service_desk",
        },
        "location": browse_url(site, issue["key"]),
    }
