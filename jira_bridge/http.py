"""HTTP to Jira: hosts, timeouts, limits, and what an answer means.

Source: Jira's and Jira Service Management's REST documents, and Jira Cloud's rate limits.
"""

import random
import re
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.utils import timezone
from requests.adapters import HTTPAdapter
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from conversations import outside_calls
from conversations.errors import PermanentFailure, TemporaryFailure, UnknownOutcome
from jira_bridge import budget
from tenants.models import Installation

TIMEOUT = (5, 20)  # seconds to connect, and between the bytes of an answer
# Just after an installation the app's permissions are not everywhere yet.
REFUSED_FOR_NOW = {requests.codes.unauthorized, requests.codes.forbidden}
# Digits enough for a phone number; a custom field's id is shorter.
NUMBER = re.compile(r"\+?\d(?:[\s().-]{0,3}\d){5,}")
LONGEST_PAUSE = 3600  # seconds: quotas begin anew with the hour

_session = requests.Session()
_session.trust_env = False
# One session serves every site: nothing of one may travel with the next.
_session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
_session.mount("http://", HTTPAdapter(pool_connections=20, pool_maxsize=50))
_session.mount("https://", HTTPAdapter(pool_connections=20, pool_maxsize=50))


class RefusedByJira(TemporaryFailure):
    """Jira does not take the token, or not for this: it may in a while."""


@dataclass(frozen=True)
class Line:
    """Whose token calls which site; `spare` calls may as well be made in another hour.

    `installation` is the app's on that site, also where the token is one of its users'.
    """

    base_url: str
    token: str = field(repr=False)
    read_timeout: float | None = None
    installation: Installation | None = None
    spare: bool = False
    of_user: bool = False

    def call(
        self,
        method: str,
        path: str,
        *,
        points: int = 1,
        final: frozenset[int] = frozenset(),
        headers: dict[str, str] | None = None,
        **content: Any,
    ) -> Any:
        """Return Jira's answer as JSON, {} for an empty one.

        Statuses in `final` are PermanentFailure even if they are usually worth another try. Raises
        QuotaUsedUp, RefusedByJira, TemporaryFailure, UnknownOutcome and PermanentFailure.
        """
        _require_known_host(self.base_url)
        budget.spend(points, installation=self.installation, spare=self.spare)
        response = self._send(method, path, headers or {}, content)
        if response.status_code == requests.codes.too_many_requests:
            raise _limited(response, self.installation)
        refused = response.status_code in REFUSED_FOR_NOW - final
        self._note(refused=refused)
        if refused:
            raise RefusedByJira(_problem(_json(response), response.status_code))
        return _answer(response)

    def _send(
        self, method: str, path: str, headers: dict[str, str], content: dict[str, Any]
    ) -> requests.Response:
        own = {"Authorization": f"Bearer {self.token}", "Accept": "application/json"}
        try:
            return outside_calls.timed(
                "jira",
                lambda: _session.request(
                    method,
                    self.base_url + path,
                    headers={**own, **headers},
                    timeout=(TIMEOUT[0], self.read_timeout or TIMEOUT[1]),
                    allow_redirects=False,
                    **content,
                ),
            )
        except requests.RequestException as failure:
            if _never_left(failure):
                raise TemporaryFailure("Jira cannot be reached.") from failure
            raise UnknownOutcome("Jira did not answer.") from failure

    def count(self, objects: int) -> None:
        """Count what came back: each thing in an answer costs a point too."""
        budget.count(objects)

    def _note(self, *, refused: bool) -> None:
        """Remember since when Jira refuses the app, and when it does so no more."""
        known = self.installation
        if known is None or self.of_user or bool(known.refused_at) == refused:
            return
        known.refused_at = timezone.now() if refused else None
        Installation.objects.filter(pk=known.pk).update(refused_at=known.refused_at)


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


def _answer(response: requests.Response) -> Any:
    status = response.status_code
    if status >= requests.codes.server_error:
        raise UnknownOutcome(f"Jira failed ({status}).")
    body = _json(response)
    if status >= requests.codes.multiple_choices:
        raise PermanentFailure(_problem(body, status), code=str(status))
    if not isinstance(body, dict | list):
        if response.content:
            raise UnknownOutcome("Jira's answer cannot be read.")
        return {}
    return body


def _limited(response: requests.Response, installation: Installation | None) -> TemporaryFailure:
    """A quota that is used up stops everybody it counts for; a burst only puts this call off."""
    seconds = _seconds(response)
    match _header(response, "RateLimit-Reason"):
        case "jira-quota-global-based":
            return budget.hold_everyone(seconds or LONGEST_PAUSE)
        case "jira-quota-tenant-based" if installation is not None:
            return budget.hold_site(installation, seconds or LONGEST_PAUSE)
    # Not all of them again at the same moment.
    pause = seconds * random.uniform(1.0, 1.3) if seconds else None  # noqa: S311 - jitter, no secret
    return TemporaryFailure("Jira asks us to slow down.", retry_after=pause)


def _header(response: requests.Response, name: str) -> str:
    return response.headers.get(name) or response.headers.get(f"Beta-{name}") or ""


def _seconds(response: requests.Response) -> float | None:
    try:
        return float(min(max(int(_header(response, "Retry-After")), 1), LONGEST_PAUSE))
    except ValueError:
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
