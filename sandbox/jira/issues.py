"""The issues of a site: kept in the store, changed by people and by the app."""

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sandbox.jira.people import Person
from sandbox.jira.request_types import RequestType
from sandbox.jira.sites import Site
from sandbox.jira.workflow import DESKS, OPEN, Status, status_by_id
from sandbox.store import Store

Issue = dict[str, Any]
_FIRST_ID = 10_000
_FIRST_NUMBER = 100


@dataclass(frozen=True)
class Remark:
    """A comment to be added, for the customer to read or internal."""

    body: str
    author: Person
    public: bool


def now_ms() -> int:
    """Return the time as Jira counts it: milliseconds since 1970."""
    return time.time_ns() // 1_000_000


class Issues:
    """Reads and changes issues; telling the app about a change is the caller's business."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def create(
        self, site: Site, kind: RequestType, *, fields: dict[str, Any], reporter: Person
    ) -> Issue:
        """Open an issue of this request type in its first status."""
        desk = DESKS[kind.desk_id]
        number = self._store.next_number(f"jira_issue/{site.slug}/{desk.project_key}")
        now = now_ms()
        issue: Issue = {
            "id": str(_FIRST_ID + self._store.next_number(f"jira_issue/{site.slug}")),
            "key": f"{desk.project_key}-{_FIRST_NUMBER + number}",
            "desk_id": desk.id,
            "project": desk.project_key,
            "request_type": kind.id,
            "fields": fields,
            "reporter": reporter.account_id,
            "assignee": None,
            "status": OPEN.id,
            "status_since": now,
            "resolution": None,
            "created": now,
            "updated": now,
            "properties": {},
            "comments": [],
            "attachments": [],
            "history": [],
        }
        self._store.put(f"jira_key/{site.slug}", issue["key"], {"id": issue["id"]})
        self.save(site, issue)
        return issue

    def save(self, site: Site, issue: Issue) -> None:
        """Write a changed issue back."""
        self._store.put(f"jira_issue/{site.slug}", issue["id"], issue)

    def get(self, site: Site, id_or_key: str) -> Issue | None:
        """Return the issue with this id or key, if it still exists."""
        issue_id = id_or_key
        if not re.fullmatch(r"\d+", id_or_key):
            known = self._store.get(f"jira_key/{site.slug}", id_or_key.upper())
            issue_id = known["id"] if known else ""
        return self._store.get(f"jira_issue/{site.slug}", issue_id)

    def all(self, site: Site) -> list[Issue]:
        """Return every issue of the site, oldest first."""
        return self._store.all(f"jira_issue/{site.slug}")

    def delete(self, site: Site, issue: Issue) -> None:
        """Remove an issue for good."""
        self._store.delete(f"jira_issue/{site.slug}", issue["id"])
        self._store.delete(f"jira_key/{site.slug}", issue["key"])
        for attachment in issue["attachments"]:
            self._store.delete("jira_file", attachment["id"])

    def transition(self, site: Site, issue: Issue, to: Status, by: Person) -> list[dict[str, Any]]:
        """Move an issue to another status; returns the changelog's items."""
        before = status_by_id(issue["status"])
        items = [_change("status", before.id, before.name, to.id, to.name)]
        if (before.category == "done") != (to.category == "done"):
            items.append(_resolution_change(resolved=to.category == "done"))
            issue["resolution"] = "Done" if to.category == "done" else None
        issue["status"] = to.id
        self._remember(site, issue, items, by)
        issue["status_since"] = issue["updated"]
        self.save(site, issue)
        return items

    def assign(
        self, site: Site, issue: Issue, to: Person | None, by: Person
    ) -> list[dict[str, Any]]:
        """Give an issue to somebody or to nobody; returns the changelog's items."""
        after = to.account_id if to else None
        items = [_change("assignee", issue["assignee"], None, after, to.name if to else None)]
        issue["assignee"] = after
        self._remember(site, issue, items, by)
        return items

    def edit(
        self,
        site: Site,
        issue: Issue,
        changes: dict[str, Any],
        *,
        reporter: str | None,
        by: Person,
    ) -> None:
        """Set fields, and who reported the issue."""
        items = [_change(name, None, None, None, str(value)) for name, value in changes.items()]
        if reporter is not None:
            items.append(_change("reporter", issue["reporter"], None, reporter, None))
            issue["reporter"] = reporter
        issue["fields"] = {**issue["fields"], **changes}
        self._remember(site, issue, items, by)

    def comment(self, site: Site, issue: Issue, remark: Remark) -> dict[str, Any]:
        """Add a comment; returns it as it is kept."""
        comment = {
            "id": str(_FIRST_ID + self._store.next_number(f"jira_comment/{site.slug}")),
            "author": remark.author.account_id,
            "body": remark.body,
            "public": remark.public,
            "created": now_ms(),
        }
        issue["comments"].append(comment)
        issue["updated"] = comment["created"]
        self.save(site, issue)
        return comment

    def set_property(self, site: Site, issue: Issue, key: str, value: Any) -> bool:
        """Set an entity property; returns whether it is new."""
        is_new = key not in issue["properties"]
        issue["properties"][key] = {"value": value, "set_at": now_ms()}
        self.save(site, issue)
        return is_new

    def attach(self, site: Site, issue: Issue, files: Iterable[dict[str, Any]]) -> None:
        """Add files that are in the store already to an issue."""
        issue["attachments"].extend(files)
        issue["updated"] = now_ms()
        self.save(site, issue)

    def _remember(self, site: Site, issue: Issue, items: list[dict[str, Any]], by: Person) -> None:
        issue["updated"] = now_ms()
        entry = {"author": by.account_id, "created": issue["updated"], "items": items}
        issue["history"].append(entry)
        self.save(site, issue)


def property_values(issue: Issue) -> dict[str, Any]:
    """Return an issue's entity properties without the time they were set at."""
    return {key: kept["value"] for key, kept in issue["properties"].items()}


def category_since(issue: Issue) -> int:
    """Return when an issue's status got into the category it is in."""
    for entry in reversed(issue["history"]):
        for item in entry["items"]:
            if item["field"] == "status" and _category(item["from"]) != _category(item["to"]):
                return int(entry["created"])
    return int(issue["created"])


def _category(status_id: str) -> str:
    return status_by_id(status_id).category


def _change(
    field: str, old: str | None, old_name: str | None, new: str | None, new_name: str | None
) -> dict[str, Any]:
    return {
        "field": field,
        "fieldId": field,
        "from": old,
        "fromString": old_name,
        "to": new,
        "toString": new_name,
    }


def _resolution_change(*, resolved: bool) -> dict[str, Any]:
    if resolved:
        return _change("resolution", None, None, "10400", "Done")
    return _change("resolution", "10400", "Done", None, None)
