"""Who calls: the Forge Invocation Token, verified, as a frozen caller.

Source: Forge Remote's invocation contract. RS256 against Atlassian's published keys, issuer
`forge/invocation-token`, audience our app. 401 means a bad token and nothing else: a good one that
is not served here gets 403.
"""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from time import monotonic
from typing import Any

import jwt
from django.conf import settings
from prometheus_client import Counter
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import APIException, AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

ISSUER = "forge/invocation-token"
LEEWAY_SECONDS = 10
REFETCH_SECONDS = 30.0  # between two fetches because of key ids that we do not know
REST_SECONDS = 3.0  # after a failed fetch, while no key is known
KEYS_FAILED = Counter("omnichat_forge_keys_failed", "Fetches of Atlassian's keys that failed.")
ISSUE_ID = re.compile(r"[0-9]{1,20}")


@dataclass(frozen=True)
class ForgeCaller:
    """What a verified token says. The site comes from here, never from a body or a parameter.

    A page's token is in the hands of its user, who may send it with whatever else: a call
    `from_page` is the user's word, not Forge's.
    """

    installation_id: str
    cloud_id: str
    api_base_url: str
    environment: str
    app_version: str
    licence: dict[str, Any] | None = field(repr=False)
    site_url: str
    account_id: str
    issue_id: str
    issue_key: str
    system_token: str = field(repr=False)
    user_token: str = field(repr=False)
    from_page: bool
    issued_at: datetime
    region: str


class KeysUnavailable(APIException):
    status_code = 503
    default_detail = "Atlassian's keys cannot be fetched now."


class ForgeAuthentication(BaseAuthentication):
    """Accepts a valid token of our app and no other request."""

    def authenticate(self, request: Request) -> tuple[None, ForgeCaller]:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise AuthenticationFailed("A Forge Invocation Token is required.")
        claims = _verified(token)
        return None, _caller(claims, request)

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class _Keys(jwt.PyJWKClient):
    """Atlassian's keys; forged key ids cannot make us fetch them again and again."""

    def __init__(self, url: str) -> None:
        super().__init__(url, lifespan=3600, timeout=5, cooldown_duration=REFETCH_SECONDS)
        self._rests_until = float("-inf")

    def fetch_data(self) -> Any:
        """Raises KeysUnavailable; after a failure the host is left alone for a while."""
        if monotonic() < self._rests_until:
            raise KeysUnavailable
        try:
            return super().fetch_data()
        except (jwt.PyJWTError, OSError, ValueError) as failure:
            KEYS_FAILED.inc()
            known = self.jwk_set_cache is not None and self.jwk_set_cache.get() is not None
            # With keys at hand only an unknown key id asks: a forged one must not keep us waiting.
            self._rests_until = monotonic() + (REFETCH_SECONDS if known else REST_SECONDS)
            raise KeysUnavailable from failure


@cache
def _keys() -> _Keys:
    return _Keys(settings.FORGE_JWKS_URL)


def _verified(token: str) -> dict[str, Any]:
    try:
        key = _keys().get_signing_key_from_jwt(token)
        return jwt.decode(
            token,
            key.key,
            algorithms=["RS256"],
            audience=settings.FORGE_APP_ID,
            issuer=ISSUER,
            leeway=LEEWAY_SECONDS,
            options={"require": ["exp", "iat", "aud", "iss"]},
        )
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError) as failure:
        raise AuthenticationFailed("The Forge Invocation Token is not valid.") from failure


def _caller(claims: dict[str, Any], request: Request) -> ForgeCaller:
    app = _mapping(claims.get("app"))
    context = _mapping(claims.get("context"))
    contexts = _mapping(app.get("installation")).get("contexts")
    first = _mapping(contexts[0]) if isinstance(contexts, list) and contexts else {}
    issue = _mapping(_mapping(context.get("extension")).get("issue"))
    installation_id = app.get("installationId") or _mapping(app.get("installation")).get("id")
    cloud_id = context.get("cloudId") or first.get("cloudId")
    environment = str(_mapping(app.get("environment")).get("type") or "")
    if not installation_id or not cloud_id:
        raise AuthenticationFailed("The token names no installation.")
    if claims.get("icLabel"):
        raise PermissionDenied("Isolated Cloud is not served here.")
    if environment not in settings.FORGE_ENVIRONMENTS:
        raise PermissionDenied("This environment of the app is not served here.")
    licence = app.get("license")
    issue_id = str(issue.get("id") or "")
    return ForgeCaller(
        installation_id=str(installation_id),
        cloud_id=str(cloud_id),
        api_base_url=str(app.get("apiBaseUrl") or first.get("apiBaseUrl") or ""),
        environment=environment,
        app_version=str(app.get("appVersion") or app.get("version") or "")[:50],
        licence=licence if isinstance(licence, dict) else None,
        site_url=str(context.get("siteUrl") or ""),
        account_id=str(claims.get("principal") or claims.get("sub") or ""),
        issue_id=issue_id if ISSUE_ID.fullmatch(issue_id) else "",
        issue_key=str(issue.get("key") or "")[:64],
        system_token=_raw_token(request, "x-forge-oauth-system"),
        user_token=_raw_token(request, "x-forge-oauth-user"),
        from_page=_is_page(claims),
        issued_at=datetime.fromtimestamp(int(claims["iat"]), UTC),
        region=str(settings.REGIONS.get(request.get_host().partition(":")[0], "")),
    )


def _is_page(claims: dict[str, Any]) -> bool:
    """Whether a page calls: by its user or, where nobody is logged in, by its module."""
    module = _mapping(_mapping(claims.get("app")).get("module"))
    if claims.get("principal") or str(module.get("type") or "").startswith("jira:"):
        return True
    # Only pages have a context; whether `sub` stands in calls of Forge's own is not documented.
    return bool(_mapping(claims.get("context")) and claims.get("sub"))


def _raw_token(request: Request, header: str) -> str:
    return request.headers.get(header, "").removeprefix("Bearer ").strip()


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
