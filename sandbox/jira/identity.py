"""The signing key of the sandbox's Atlassian: its JWKS, Forge Invocation Tokens and API tokens."""

import hashlib
import json
import os
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from sandbox.jira.sites import Site

FIT_SECONDS = 25
_DEFAULT_APP = "ari:cloud:ecosystem::app/6a1f6f4e-2b1b-4b8e-9a55-0d6a3f0c7e21"
_API_AUDIENCE = "sandbox-jira-api"


@dataclass(frozen=True)
class Grant:
    """What a checked API token says: whose account, on which site, by which installation."""

    cloud_id: str
    account_id: str
    installation_id: str
    offline: bool

    def holds_on(self, site: Site) -> bool:
        """Return whether it is good there: an installation's tokens end with it."""
        mine = (self.cloud_id, self.installation_id) == (site.cloud_id, site.installation_id)
        return site.installed and mine


class Identity:
    """Signs and checks what the sandbox's Atlassian vouches for."""

    def __init__(self, state_dir: Path) -> None:
        self.app_id = os.environ.get("FORGE_APP_ID", _DEFAULT_APP)
        self._key = _load_or_make_key(state_dir / "jira-signing-key.pem")
        self._public = self._key.public_key()
        der = self._public.public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        self._kid = f"forge/invocation-token/{hashlib.sha256(der).hexdigest()[:32]}"

    def jwks(self) -> dict[str, Any]:
        """Return the public key as a key set."""
        key = json.loads(RSAAlgorithm.to_jwk(self._public))
        return {"keys": [{**key, "kid": self._kid, "use": "sig", "alg": "RS256"}]}

    def environment_id(self, site: Site) -> str:
        """Return the ARI of the app's environment that is installed on the site."""
        app_uuid = self.app_id.rpartition("/")[2]
        name = f"{self.app_id}/{site.environment.lower()}"
        environment = uuid.uuid5(uuid.NAMESPACE_URL, name)
        return f"ari:cloud:ecosystem::environment/{app_uuid}/{environment}"

    def mint_fit(
        self,
        site: Site,
        *,
        module: tuple[str, str],
        context: dict[str, Any] | None = None,
        principal: str | None = None,
    ) -> str:
        """Sign one invocation of the app: `module` is its type and key; the rest is for pages."""
        now = int(time.time())
        claims: dict[str, Any] = {
            "app": self._app_claim(site, module),
            "aud": self.app_id,
            "iss": "forge/invocation-token",
            "iat": now,
            "nbf": now,
            "exp": now + FIT_SECONDS,
            "jti": uuid.uuid4().hex,
        }
        if context is not None:
            claims["context"] = context
        if principal is not None:
            claims["principal"] = principal
        return self._sign(claims)

    def mint_api_token(self, site: Site, account_id: str, *, offline: bool = False) -> str:
        """Sign a token for the REST API, for the app's account or for a user, there or not."""
        now = int(time.time())
        claims = {
            "iss": "sandbox-atlassian",
            "aud": _API_AUDIENCE,
            "sub": account_id,
            "cloudId": site.cloud_id,
            "installationId": site.installation_id,
            "offline": offline,
            "iat": now,
            "exp": now + site.token_seconds,
            "jti": uuid.uuid4().hex,
        }
        return self._sign(claims)

    def check_api_token(self, token: str) -> Grant | None:
        """Return what the token grants, or None when it is not ours or has run out."""
        try:
            claims = jwt.decode(token, self._public, algorithms=["RS256"], audience=_API_AUDIENCE)
        except jwt.InvalidTokenError:
            return None
        installation_id = claims.get("installationId", "")
        offline = claims.get("offline", False)
        return Grant(claims["cloudId"], claims["sub"], installation_id, offline)

    def _app_claim(self, site: Site, module: tuple[str, str]) -> dict[str, Any]:
        place = {"name": "jira", "apiBaseUrl": site.api_base_url, "cloudId": site.cloud_id}
        claim = {
            "id": self.app_id,
            "version": site.version.partition(".")[0],
            "appVersion": site.version,
            "installationId": site.installation_id,
            "apiBaseUrl": site.api_base_url,
            "installation": {"id": site.installation_id, "contexts": [place]},
            "environment": {"type": site.environment, "id": self.environment_id(site)},
            "module": {"type": module[0], "key": module[1]},
        }
        return claim if site.licence == "none" else claim | {"license": _license(site)}

    def _sign(self, claims: dict[str, Any]) -> str:
        return jwt.encode(claims, self._key, algorithm="RS256", headers={"kid": self._kid})


def _license(site: Site) -> dict[str, Any]:
    ends = (datetime.now(UTC) + timedelta(days=365)).strftime("%Y-%m-%dT00:00:00.000Z")
    return {
        "active": site.licence == "active",
        "billingPeriod": "ANNUAL",
        "capabilitySet": "capabilityStandard",
        "ccpEntitlementId": str(uuid.uuid5(uuid.UUID(site.cloud_id), "entitlement")),
        "ccpEntitlementSlug": f"E-{site.slug.upper()}",
        "isEvaluation": False,
        "subscriptionEndDate": ends,
        "supportEntitlementNumber": None,
        "trialEndDate": None,
        "type": "commercial",
        "modes": ["USER_ACCESS"],
    }


def _load_or_make_key(path: Path) -> rsa.RSAPrivateKey:
    if path.exists():
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
        if not isinstance(key, rsa.RSAPrivateKey):
            raise TypeError(f"{path} holds no RSA key.")
        return key
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_bytes(pem)
    return key
