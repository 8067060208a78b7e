"""How issues look from outside: in both REST families, in Forge events and on control routes."""

from datetime import UTC, datetime
from typing import Any

from sandbox.jira.issues import Issue, category_since, property_values
from sandbox.jira.people import APP, People, Person, jsm_user, platform_user
from sandbox.jira.request_types import REQUEST_TYPES
from sandbox.jira.sites import DEFAULT_SLUG, Site
from sandbox.jira.workflow import DESKS, platform_status, status_by_id

_JSM_CATEGORIES = {"new": "NEW", "indeterminate": "INDETERMINATE", "done": "DONE"}


def platform_time(moment: int) -> str:
    """Write a time as /rest/api/3 and the events do."""
    at = datetime.fromtimestamp(moment / 1000, UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{moment % 1000:03d}+0000"


def jsm_time(moment: int) -> dict[str, Any]:
    """Write a time as /rest/servicedeskapi does."""
    at = datetime.fromtimestamp(moment / 1000, UTC)
    return {
        "iso8601": f"{at:%Y-%m-%dT%H:%M:%S}+0000",
        "jira": platform_time(moment),
        "friendly": f"{at:%d/%b/%y %H:%M}",
        "epochMillis": moment,
    }


def adf(text: str) -> dict[str, Any]:
    """Write plain text as an Atlassian document: an empty line ends a paragraph."""
    paragraphs = [
        {"type": "paragraph", "content": _lines(paragraph)} for paragraph in text.split("\n\n")
    ]
    return {"type": "doc", "version": 1, "content": paragraphs}


def _lines(paragraph: str) -> list[dict[str, Any]]:
    content: list[dict[str, Any]] = []
    for number, line in enumerate(paragraph.split("\n")):
        content += [{"type": "hardBreak"}] if number else []
        content += [{"type": "text", "text": line}] if line else []
    return content


def adf_text(document: Any) -> str:
    """Read the plain text of an Atlassian document."""
    if not isinstance(document, dict):
        return ""
    if document.get("type") == "text":
        return str(document.get("text", ""))
    if document.get("type") == "hardBreak":
        return "\n"
    content = document.get("content") or []
    joint = "\n\n" if document.get("type") == "doc" else ""
    return joint.join(adf_text(part) for part in content)


def browse_url(site: Site, key: str) -> str:
    """Return the address of an issue's page."""
    query = "" if site.slug == DEFAULT_SLUG else f"?site={site.slug}"
    return f"{site.url}/browse/{key}{query}"


def person_named(people: People, site: Site, account_id: str) -> Person:
    """Return an account; the app stands in for one that is gone."""
    return people.get(site, account_id) or APP


def event_fields(people: People, site: Site, issue: Issue) -> dict[str, Any]:
    """Return the few fields that Forge events carry."""
    desk = DESKS[issue["desk_id"]]
    reporter = person_named(people, site, issue["reporter"])
    assignee = people.get(site, issue["assignee"]) if issue["assignee"] else None
    return {
        "summary": issue["fields"]["summary"],
        "issuetype": {"id": "10110", "name": "[System] Service request", "subtask": False},
        "creator": platform_user(reporter),
        "created": platform_time(issue["created"]),
        "project": {
            "id": desk.project_id,
            "key": desk.project_key,
            "name": desk.project_name,
            "projectTypeKey": "service_desk",
        },
        "reporter": platform_user(reporter),
        "assignee": platform_user(assignee) if assignee else None,
        "updated": platform_time(issue["updated"]),
        "status": platform_status(status_by_id(issue["status"])),
    }


def platform_issue(people: People, site: Site, issue: Issue, fields: set[str]) -> dict[str, Any]:
    """Show an issue as /rest/api/3 does; `fields` are the wanted ones, or `*all`."""
    description = issue["fields"].get("description")
    every = event_fields(people, site, issue) | {
        "description": adf(description) if description else None,
        "statuscategorychangedate": platform_time(category_since(issue)),
        "resolution": {"id": "10400", "name": "Done"} if issue["resolution"] else None,
        "attachment": [platform_attachment(people, site, each) for each in issue["attachments"]],
    }
    custom = {key: value for key, value in issue["fields"].items() if key.startswith("custom")}
    every |= custom
    everything = bool(fields & {"*all", "*navigable"})
    return {
        "id": issue["id"],
        "key": issue["key"],
        "self": f"{site.api_base_url}/rest/api/3/issue/{issue['id']}",
        "fields": {key: value for key, value in every.items() if everything or key in fields},
    }


def jsm_request(people: People, site: Site, issue: Issue) -> dict[str, Any]:
    """Show an issue as /rest/servicedeskapi shows a customer's request."""
    kind = REQUEST_TYPES[issue["request_type"]]
    values = [
        {"fieldId": field.id, "label": field.name, "value": issue["fields"].get(field.id)}
        for field in kind.fields
    ]
    portal = f"{site.url}/servicedesk/customer/portal/{issue['desk_id']}/{issue['key']}"
    return {
        "_expands": ["participant", "status", "sla", "requestType", "serviceDesk", "comment"],
        "issueId": issue["id"],
        "issueKey": issue["key"],
        "summary": issue["fields"]["summary"],
        "requestTypeId": kind.id,
        "serviceDeskId": issue["desk_id"],
        "createdDate": jsm_time(issue["created"]),
        "reporter": jsm_user(person_named(people, site, issue["reporter"])),
        "requestFieldValues": values,
        "currentStatus": jsm_status(issue),
        "_links": {
            "jiraRest": f"{site.url}/rest/api/2/issue/{issue['id']}",
            "web": portal,
            "self": f"{site.url}/rest/servicedeskapi/request/{issue['id']}",
            "agent": browse_url(site, issue["key"]),
        },
    }


def jsm_status(issue: Issue) -> dict[str, Any]:
    """Show an issue's status as the portal names it."""
    status = status_by_id(issue["status"])
    return {
        "status": status.name,
        "statusCategory": _JSM_CATEGORIES[status.category],
        "statusDate": jsm_time(issue["status_since"]),
    }


def jsm_comment(people: People, site: Site, comment: dict[str, Any]) -> dict[str, Any]:
    """Show a comment as /rest/servicedeskapi does."""
    return {
        "id": comment["id"],
        "body": comment["body"],
        "public": comment["public"],
        "author": jsm_user(person_named(people, site, comment["author"])),
        "created": jsm_time(comment["created"]),
    }


def control_view(people: People, site: Site, issue: Issue) -> dict[str, Any]:
    """Show an issue to tests and demonstrations."""
    reporter = person_named(people, site, issue["reporter"])
    comments = [
        {**comment, "author": person_named(people, site, comment["author"]).name}
        for comment in issue["comments"]
    ]
    return {
        "key": issue["key"],
        "url": browse_url(site, issue["key"]),
        "id": issue["id"],
        "site": site.slug,
        "summary": issue["fields"]["summary"],
        "description": issue["fields"].get("description", ""),
        "reporter": {
            "accountId": reporter.account_id,
            "displayName": reporter.name,
            "emailAddress": reporter.email,
        },
        "status": status_by_id(issue["status"]).name,
        "category": status_by_id(issue["status"]).category,
        "request_type": REQUEST_TYPES[issue["request_type"]].name,
        "properties": property_values(issue),
        "comments": comments,
        "attachments": issue["attachments"],
        "created": platform_time(issue["created"]),
    }


def platform_attachment(people: People, site: Site, attachment: dict[str, Any]) -> dict[str, Any]:
    """Show a file of an issue as /rest/api/3 does."""
    shown = {key: attachment[key] for key in ("id", "filename", "mimeType", "size")}
    author = person_named(people, site, attachment.get("author", ""))
    return shown | {
        "author": platform_user(author),
        "created": platform_time(attachment.get("created", 0)),
        "content": f"{site.api_base_url}/rest/api/3/attachment/content/{attachment['id']}",
    }
