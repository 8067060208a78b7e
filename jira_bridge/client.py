"""HTTP to Jira: one place for tokens, timeouts and what an answer means.

Source: Jira's and Jira Service Management's REST documents.
"""

import re
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import quote, urlsplit

import requests
from django.conf import settings
from requests.adapters import HTTPAdapter
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from conversations.contracts import RequestOpened
from conversations.errors import PermanentFailure, TemporaryFailure, UnknownOutcome

TIMEOUT = (5, 20)  # seconds to connect, and between the bytes of an answer
# Just after an installation the app's permissions are not everywhere yet.
REFUSED_FOR_NOW = {requests.codes.unauthorized, requests.codes.forbidden}
# Digits enough for a phone number; a custom field's id is shorter.
NUMBER = re.compile(r"\+?\d(?:[\s().-]{0,3}\d){5,}")

_session = requests.Session()
_session.trust_env = False
# One session serves every site: nothing of one may travel with the next.
_session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
_session.mount("http://", HTTPAdapter(pool_connections=20, pool_maxsize=50))
_session.mount("https://", HTTPAdapter(pool_connections=20, pool_maxsize=50))


@dataclass(frozen=True)
class JiraClient:
    """Calls on one site as whoever the token stands for: the app, or a user."""

    base_url: str
    token: str = field(repr=False)
    read_timeout: float = TIMEOUT[1]

    def create_request(
        self, *, service_desk_id: str, request_type_id: str, summary: str, description: Any
    ) -> RequestOpened:
        """Open a request; `description` is an ADF document.

        Raises UnknownOutcome when Jira may have opened it.
        """
        answer = self._call(
            "POST",
            "/rest/servicedeskapi/request",
            json={
                "serviceDeskId": service_desk_id,
                "requestTypeId": request_type_id,
                "isAdfRequest": True,
                "requestFieldValues": {"summary": summary, "description": description},
            },
        )
        return RequestOpened(issue_id=str(answer["issueId"]), issue_key=str(answer["issueKey"]))

    def project_key(self, service_desk_id: str) -> str:
        answer = self._read(f"/rest/servicedeskapi/servicedesk/{quote(service_desk_id, safe='')}")
        return str(answer["projectKey"])

    def own_account(self) -> dict[str, Any]:
        return self._read("/rest/api/3/myself")

    def search(self, jql: str, *, fields: list[str]) -> list[dict[str, Any]]:
        """Return the issues that a query finds, a thousand at most."""
        found: list[dict[str, Any]] = []
        wanted: dict[str, Any] = {"jql": jql, "fields": fields, "maxResults": 100}
        for _page in range(10):
            answer = self._call("POST", "/rest/api/3/search/jql", json=wanted)
            issues = answer.get("issues") or []
            found += [issue for issue in issues if isinstance(issue, dict)]
            if not answer.get("nextPageToken"):
                break
            wanted["nextPageToken"] = answer["nextPageToken"]
        return found

    def put_property(self, issue_id: str, name: str, value: dict[str, Any]) -> None:
        path = f"/rest/api/3/issue/{quote(issue_id, safe='')}/properties/{quote(name, safe='')}"
        self._call("PUT", path, json=value)

    def permissions(self, issue_id: str, names: list[str]) -> set[str]:
        """Return those of the permissions that whoever asks has on the issue."""
        answer = self._read(
            "/rest/api/3/mypermissions", permissions=",".join(names), issueId=issue_id
        )
        found = answer.get("permissions")
        held = found if isinstance(found, dict) else {}
        return {
            name
            for name in names
            if isinstance(held.get(name), dict) and held[name].get("havePermission") is True
        }

    def _read(self, path: str, **parameters: str) -> dict[str, Any]:
        return self._call("GET", path, params=parameters)

    def _call(self, method: str, path: str, **content: Any) -> dict[str, Any]:
        _require_known_host(self.base_url)
        try:
            response = _session.request(
                method,
                self.base_url + path,
                headers={"Authorization": f"Bearer {self.token}", "Accept": "application/json"},
                timeout=(TIMEOUT[0], self.read_timeout),
                allow_redirects=False,
                **content,
            )
        except requests.RequestException as failure:
            if _never_left(failure):
                raise TemporaryFailure("Jira cannot be reached.") from failure
            raise UnknownOutcome("Jira did not answer.") from failure
        return _answer(response)


def _require_known_host(base_url: str) -> None:
    parts = urlsplit(base_url)
    secure = parts.scheme == "https" or settings.SANDBOX
    if not secure or parts.netloc not in settings.JIRA_API_HOSTS:
        raise PermanentFailure("The site's API host is not one of Jira's.", code="bad-host")


def _never_left(failure: requests.RequestException) -> bool:
    if isinstance(failure, requests.ConnectTimeout | requests.exceptions.SSLError | ValueError):
        return True  # of a ValueError's kind are requests that cannot even be written
    cause = failure.args[0] if failure.args else None
    reason = getattr(cause, "reason", cause)
    return isinstance(reason, NewConnectionError | ConnectTimeoutError)


def _answer(response: requests.Response) -> dict[str, Any]:
    status = response.status_code
    if status == requests.codes.too_many_requests:
        raise TemporaryFailure("Jira asks us to slow down.", retry_after=_seconds(response))
    if status in REFUSED_FOR_NOW:
        raise TemporaryFailure(f"Jira refuses the app ({status}).")
    if status >= requests.codes.server_error:
        raise UnknownOutcome(f"Jira failed ({status}).")
    body = _json(response)
    if status >= requests.codes.multiple_choices:
        raise PermanentFailure(_problem(body, status), code=str(status))
    if not isinstance(body, dict):
        if response.content:
            raise UnknownOutcome("Jira's answer cannot be read.")
        return {}
    return body


def _seconds(response: requests.Response) -> float | None:
    try:
        return min(max(int(response.headers["Retry-After"]), 1), 3600)
    except (KeyError, ValueError):
        return None


def _json(response: requests.Response) -> Any:
    try:
        return response.json()
    except (ValueError, RecursionError):
        return None


def _problem(body: Any, status: int) -> str:
    """Return Jira's words for a refusal: the platform's envelope or Service Management's.

    Without what may be a phone number: the words are stored where numbers may not be.
    """
    if isinstance(body, dict):
        messages = body.get("errorMessages")
        errors = body.get("errors")
        said = [str(body["errorMessage"])] if body.get("errorMessage") else []
        said += [str(text) for text in messages] if isinstance(messages, list) else []
        said += (
            [f"{name}: {text}" for name, text in errors.items()] if isinstance(errors, dict) else []
        )
        if said:
            return f"Jira says: {NUMBER.sub('…', ' '.join(said))}"[:300]
    return f"Jira refused the request ({status})."
