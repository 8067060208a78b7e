"""What people do to issues outside the app: each change also goes out as a Forge event."""

from typing import Any

from sandbox.jira.errors import control_refusal
from sandbox.jira.issues import Issue, Remark
from sandbox.jira.people import STAFF, Person
from sandbox.jira.request_types import RequestType
from sandbox.jira.sites import Site
from sandbox.jira.state import Jira
from sandbox.jira.workflow import STATUSES, status_by_id, status_by_name


def issue_named(jira: Jira, site: Site, key: str) -> Issue:
    """Return the issue or refuse with 404."""
    issue = jira.issues.get(site, key)
    if issue is None:
        raise control_refusal(404, f"There is no request {key}.")
    return issue


def open_request(
    jira: Jira,
    site: Site,
    kind: RequestType,
    *,
    email: str,
    fields: dict[str, Any],
    name: str = "",
) -> Issue:
    """Let a customer open a request; unknown addresses become new customers."""
    reporter = jira.people.by_email(site, email)
    if reporter is None:
        guessed = email.partition("@")[0].replace(".", " ").title()
        reporter = jira.people.create_customer(site, name=name or guessed, email=email)
    return jira.issues.create(site, kind, fields=fields, reporter=reporter)


def move(jira: Jira, site: Site, issue: Issue, *, to: str, by: Person) -> None:
    """Move an issue to the status of this name."""
    target = status_by_name(to)
    if target is None:
        names = ", ".join(status.name for status in STATUSES)
        raise control_refusal(400, f"There is no status {to!r}; there are {names}.")
    before = status_by_id(issue["status"])
    if target == before:
        return
    items = jira.issues.transition(site, issue, target, by)
    jira.forge.tell_updated(site, issue, items=items, by=by, statuses=(before, target))


def assign(jira: Jira, site: Site, issue: Issue, *, to: str | None, by: Person) -> None:
    """Give an issue to a member of the staff, or to nobody."""
    items = jira.issues.assign(site, issue, STAFF.get(to or ""), by)
    jira.forge.tell_assigned(site, issue, items=items, by=by)


def comment(jira: Jira, site: Site, issue: Issue, remark: Remark) -> None:
    """Add a comment."""
    if not remark.body.strip():
        raise control_refusal(400, "The comment is empty.")
    added = jira.issues.comment(site, issue, remark)
    jira.forge.tell_commented(site, issue, comment=added, by=remark.author)


def delete(jira: Jira, site: Site, issue: Issue, *, by: Person) -> None:
    """Delete an issue for good."""
    jira.issues.delete(site, issue)
    jira.forge.tell_deleted(site, issue, by=by)
