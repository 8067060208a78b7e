"""HTTP to Infobip: one place for keys, timeouts and what an answer means.

Source: Infobip's OpenAPI documents. Two error envelopes live side by side, `requestError` and
`errorCode`; gateways in front of them may answer HTML or nothing.
"""

from http.cookiejar import DefaultCookiePolicy
from ssl import SSLCertVerificationError
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError, SSLError

from channels.hosts import refused_address
from channels.models import ProviderAccount
from conversations import outside_calls
from conversations.errors import PermanentFailure, TemporaryFailure, UnknownOutcome
from conversations.storable import storable

TIMEOUT = (5, 20)  # seconds to connect, and between the bytes of an answer


class Refusal(PermanentFailure):
    """Infobip will not do it. `violations` is what it says of each field, by the field's path."""

    def __init__(self, reason: str, *, code: str, violations: dict[str, str]) -> None:
        details = "; ".join(
            filter(None, (f"{path} {said}".strip() for path, said in violations.items()))
        )
        super().__init__(f"{reason} ({details})" if details else reason, code=code)
        self.violations = violations


_session = requests.Session()
_session.trust_env = False
# One session serves every site: nothing of one may travel with the next.
_session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
_session.mount("http://", HTTPAdapter(pool_connections=20, pool_maxsize=50))
_session.mount("https://", HTTPAdapter(pool_connections=20, pool_maxsize=50))


def post(account: ProviderAccount, path: str, payload: dict[str, Any]) -> dict[str, Any]:
    """POST to the account's host and return the answer.

    Raises TemporaryFailure (not taken), UnknownOutcome (perhaps taken) or PermanentFailure.
    """
    return _answer(_call("POST", account, path, json=payload))


def tell(account: ProviderAccount, path: str) -> None:
    """POST without a body, where no answer but its status counts; failures as with `post`."""
    _refuse(_call("POST", account, path))


def patch(account: ProviderAccount, path: str, payload: dict[str, Any]) -> dict[str, Any]:
    """PATCH on the account's host and return the answer; failures as with `post`."""
    return _answer(_call("PATCH", account, path, json=payload))


def put(account: ProviderAccount, path: str, payload: dict[str, Any]) -> dict[str, Any]:
    """PUT on the account's host and return the answer; failures as with `post`."""
    return _answer(_call("PUT", account, path, json=payload))


def delete(account: ProviderAccount, path: str, payload: dict[str, Any] | None = None) -> None:
    """DELETE on the account's host; failures as with `post`."""
    _refuse(_call("DELETE", account, path, json=payload))


def get(account: ProviderAccount, path: str, parameters: dict[str, str]) -> dict[str, Any]:
    """GET from the account's host; a failure that may pass is a TemporaryFailure."""
    try:
        return _answer(_call("GET", account, path, params=parameters))
    except UnknownOutcome as failure:
        raise TemporaryFailure(str(failure)) from failure


def _call(method: str, account: ProviderAccount, path: str, **content: Any) -> requests.Response:
    refused = refused_address(account.base_url)
    if refused:
        raise PermanentFailure(refused, code="bad-host")
    try:
        return outside_calls.timed(
            "infobip",
            lambda: _session.request(
                method,
                account.base_url + path,
                headers={"Authorization": f"App {account.api_key}", "Accept": "application/json"},
                timeout=TIMEOUT,
                allow_redirects=False,
                **content,
            ),
        )
    except requests.RequestException as failure:
        if _never_left(failure):
            raise TemporaryFailure("Infobip cannot be reached.") from failure
        raise UnknownOutcome("Infobip did not answer.") from failure


def _never_left(failure: requests.RequestException) -> bool:
    if isinstance(failure, requests.ConnectTimeout | ValueError):
        return True  # of a ValueError's kind are requests that cannot even be written
    cause = failure.args[0] if failure.args else None
    reason = getattr(cause, "reason", cause)
    if isinstance(reason, SSLError):
        # Others may come while the answer is read: the message may be with them by then.
        return bool(reason.args) and isinstance(reason.args[0], SSLCertVerificationError)
    return isinstance(reason, NewConnectionError | ConnectTimeoutError)


def _answer(response: requests.Response) -> dict[str, Any]:
    _refuse(response)
    if response.status_code == requests.codes.no_content:
        return {}
    body = _json(response)
    if not isinstance(body, dict):
        raise UnknownOutcome("Infobip's answer cannot be read.")
    return body


def _refuse(response: requests.Response) -> None:
    if response.status_code == requests.codes.too_many_requests:
        raise TemporaryFailure(
            "Infobip asks us to slow down.", retry_after=_seconds(response.headers)
        )
    if (
        response.status_code >= requests.codes.server_error
        or response.status_code == requests.codes.request_timeout  # a gateway waited in vain
    ):
        raise UnknownOutcome(f"Infobip failed ({response.status_code}).")
    if response.status_code >= requests.codes.multiple_choices:
        body = _json(response)
        raise Refusal(_problem(body), code=str(response.status_code), violations=_violations(body))


def _seconds(headers: Any) -> float | None:
    try:
        return min(max(int(headers["Retry-After"]), 1), 3600)
    except (KeyError, ValueError):
        return None


def _json(response: requests.Response) -> Any:
    try:
        return storable(response.json())
    except (ValueError, RecursionError):
        return None


def _violations(body: Any) -> dict[str, str]:
    """Return what the provider says of single fields; in one envelope at times a bare sentence."""
    found: dict[str, str] = {}
    if not isinstance(body, dict):
        return found
    errors = _exception(body).get("validationErrors")
    if isinstance(errors, dict):
        for path, said in errors.items():
            texts = said if isinstance(said, list) else [said]
            found[path] = ", ".join(str(text) for text in texts)[:300]
    elif errors:
        found[""] = str(errors)[:300]
    listed = body.get("violations")
    for each in listed if isinstance(listed, list) else []:
        if isinstance(each, dict):
            found[str(each.get("property") or "")] = str(each.get("violation") or "")[:300]
    return found


def _exception(body: dict[str, Any]) -> dict[str, Any]:
    nested = body.get("requestError")
    exception = nested.get("serviceException") if isinstance(nested, dict) else None
    return exception if isinstance(exception, dict) else {}


def _problem(body: Any) -> str:
    """Return the provider's words for a refusal, whichever envelope they came in."""
    if not isinstance(body, dict):
        return "Infobip refused the request."
    texts = _exception(body)
    for found in (
        texts.get("text"),
        body.get("description"),
        body.get("error"),
        body.get("errorMessage"),
    ):
        if isinstance(found, str) and found:
            return found[:300]
    return "Infobip refused the request."
