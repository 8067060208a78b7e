"""What is asked of Jira: one method for each operation, acting as the app or as a user.

Source: Jira's and Jira Service Management's REST documents. Every method raises what
`jira_bridge.http.Line.call` raises.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import IO, Any
from urllib.parse import quote

from requests import codes

from conversations.contracts import RequestOpened
from conversations.errors import PermanentFailure, TemporaryFailure
from jira_bridge.http import Line

DESK = "/rest/servicedeskapi"
PLATFORM = "/rest/api/3"
PAGES = 10  # of a list: more entries than these are nobody's


@dataclass(frozen=True)
class JiraClient(Line):
    """Calls on one site as whoever the token stands for: the app, or a user."""

    def create_request(
        self,
        *,
        service_desk_id: str,
        request_type_id: str,
        fields: dict[str, Any],
        reporter: str = "",
    ) -> RequestOpened:
        """Open a request; rich text in `fields` is an ADF document, `reporter` an account id.

        Raises UnknownOutcome when Jira may have opened it.
        """
        wanted: dict[str, Any] = {
            "serviceDeskId": service_desk_id,
            "requestTypeId": request_type_id,
            "isAdfRequest": True,
            "requestFieldValues": fields,
        }
        if reporter:
            wanted["raiseOnBehalfOf"] = reporter
        answer = self.call("POST", f"{DESK}/request", json=wanted)
        return RequestOpened(issue_id=str(answer["issueId"]), issue_key=str(answer["issueKey"]))

    def service_desks(self) -> list[dict[str, Any]]:
        return self._listed(f"{DESK}/servicedesk")

    def request_types(self, desk_id: str) -> list[dict[str, Any]]:
        return self._listed(f"{DESK}/servicedesk/{_part(desk_id)}/requesttype")

    def request_type_fields(self, desk_id: str, type_id: str) -> list[dict[str, Any]]:
        path = f"{DESK}/servicedesk/{_part(desk_id)}/requesttype/{_part(type_id)}/field"
        fields = self.call("GET", path, points=2).get("requestTypeFields")
        return [each for each in fields or [] if isinstance(each, dict)]

    def create_customer(self, *, name: str, email: str) -> str:
        """Make a customer and return their account id.

        PermanentFailure's code is 409 when the address has an account, 403 when the app may not.
        """
        answer = self.call(
            "POST",
            f"{DESK}/customer",
            params={"strictConflictStatusCode": "true"},
            json={"displayName": name, "email": email},
            final=frozenset({403}),
        )
        return str(answer["accountId"])

    def add_customers(self, desk_id: str, account_ids: list[str]) -> None:
        path = f"{DESK}/servicedesk/{_part(desk_id)}/customer"
        self.call("POST", path, json={"accountIds": account_ids}, final=frozenset({403}))

    def find_users(self, query: str, *, limit: int = 10) -> list[dict[str, Any]]:
        """Return accounts by what their name or address begins with: those the caller may see."""
        found = self.call(
            "GET",
            f"{PLATFORM}/user/search",
            params={"query": query, "maxResults": str(limit)},
            points=1 + 2 * limit,
        )
        return [each for each in found if isinstance(each, dict)]

    def user(self, account_id: str) -> dict[str, Any]:
        """Return an account; PermanentFailure's code is 404 when there is none or it is hidden."""
        asked = {"accountId": account_id}
        return dict(self.call("GET", f"{PLATFORM}/user", params=asked, points=3))

    def own_account(self) -> dict[str, Any]:
        return dict(self.call("GET", f"{PLATFORM}/myself", points=3))

    def issue(self, issue_id: str, *, fields: Iterable[str]) -> dict[str, Any]:
        """Return an issue; PermanentFailure's code is 404 when it is gone or hidden."""
        return dict(
            self.call("GET", _issue(issue_id), params={"fields": ",".join(fields)}, points=2)
        )

    def edit_issue(self, issue_id: str, fields: dict[str, Any]) -> None:
        """Set fields; who follows the issue is not told of it."""
        try:
            self.call(
                "PUT",
                _issue(issue_id),
                params={"notifyUsers": "false"},
                json={"fields": fields},
                final=frozenset({403}),
            )
        except PermanentFailure as failure:
            if failure.code != str(codes.conflict):
                raise
            # Somebody else was changing it at the same moment.
            raise TemporaryFailure(str(failure)) from failure

    def search(self, jql: str, *, fields: list[str]) -> list[dict[str, Any]]:
        """Return the issues that a query finds, a thousand at most."""
        pages = islice(self.search_pages(jql, fields=fields), PAGES)
        return [issue for page in pages for issue in page]

    def search_pages(self, jql: str, *, fields: list[str]) -> Iterator[list[dict[str, Any]]]:
        """Ask for the issues that a query finds, page by page, for as long as more is wanted."""
        wanted: dict[str, Any] = {"jql": jql, "fields": fields, "maxResults": 100}
        while True:
            answer = self.call("POST", f"{PLATFORM}/search/jql", json=wanted)
            issues = [issue for issue in answer.get("issues") or [] if isinstance(issue, dict)]
            self.count(len(issues))
            yield issues
            if not answer.get("nextPageToken"):
                return
            wanted = {**wanted, "nextPageToken": answer["nextPageToken"]}

    def put_property(self, issue_id: str, name: str, value: dict[str, Any]) -> None:
        self.call("PUT", _issue(issue_id, "properties", name), json=value)

    def has_property(self, issue_id: str, name: str) -> bool:
        try:
            self.call("GET", _issue(issue_id, "properties", name), points=2)
        except PermanentFailure as failure:
            if failure.code == str(codes.not_found):
                return False
            raise
        return True

    def attach(self, issue_id: str, *, name: str, content: IO[bytes], content_type: str) -> None:
        """Attach a file to an issue, for its people to see, not for the customer."""
        self.call(
            "POST",
            _issue(issue_id, "attachments"),
            files={"file": (name, content, content_type)},
            headers={"X-Atlassian-Token": "no-check"},
        )

    def comments(self, issue_id: str) -> list[dict[str, Any]]:
        """Return an issue's newest comments, a hundred at most."""
        answer = self.call(
            "GET",
            _issue(issue_id, "comment"),
            params={"orderBy": "-created", "maxResults": "100"},
        )
        comments = [each for each in answer.get("comments") or [] if isinstance(each, dict)]
        self.count(len(comments))
        return comments

    def comment_internally(self, issue_id: str, body: dict[str, Any]) -> None:
        """Add a comment that the customer does not see; `body` is an ADF document."""
        internal = {"key": "sd.public.comment", "value": {"internal": True}}
        self.call(
            "POST", _issue(issue_id, "comment"), json={"body": body, "properties": [internal]}
        )

    def permissions(self, names: list[str], *, issue_id: str = "") -> set[str]:
        """Return those of the permissions that whoever asks has, on the issue if one is named."""
        asked = {"permissions": ",".join(names)} | ({"issueId": issue_id} if issue_id else {})
        answer = self.call("GET", f"{PLATFORM}/mypermissions", params=asked, points=3)
        found = answer.get("permissions")
        held = found if isinstance(found, dict) else {}
        return {
            name
            for name in names
            if isinstance(held.get(name), dict) and held[name].get("havePermission") is True
        }

    def _listed(self, path: str) -> list[dict[str, Any]]:
        """Return a list of Service Management's, page by page."""
        found: list[dict[str, Any]] = []
        for _page in range(PAGES):
            answer = self.call("GET", path, params={"start": str(len(found)), "limit": "100"})
            values = [each for each in answer.get("values") or [] if isinstance(each, dict)]
            found += values
            self.count(len(values))
            if answer.get("isLastPage", True) or not values:
                break
        return found


def _issue(issue_id: str, *parts: str) -> str:
    return "/".join([f"{PLATFORM}/issue", _part(issue_id), *map(_part, parts)])


def _part(name: str) -> str:
    return quote(name, safe="")
