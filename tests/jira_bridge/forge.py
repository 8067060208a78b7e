"""Forge as the app meets it: signed tokens, the keys to check them, and payload files."""

import json
from base64 import urlsafe_b64encode
from functools import cache
from pathlib import Path
from time import time

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.conftest import SITES

FOLDER = Path(__file__).parents[1] / "payloads" / "jira"
ACCOUNT_ID = "5f0c7a1b2d3e4f5061728394"
INSTALLATION_ID = "ari:cloud:ecosystem::installation/2c9a7e10-acme"
ACME = f"/ex/jira/{SITES['acme']}"
KEY_ID = "forge/invocation-token/1"


def body(name):
    return (FOLDER / f"{name}.json").read_bytes()


def payload(name):
    return json.loads(body(name))


@cache
def private_key(name="ours"):
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def key_set():
    key = jwt.algorithms.RSAAlgorithm.to_jwk(private_key().public_key(), as_dict=True)
    return {"keys": [{**key, "kid": KEY_ID, "use": "sig", "alg": "RS256"}]}


def claims(settings, *, site="acme", api="https://api.atlassian.com", **changes):
    """Return what the token of a back-end call says; a change to None removes the claim."""
    api_base_url = f"{api}/ex/jira/{SITES.get(site, site)}"
    context = {"name": "jira", "cloudId": SITES.get(site, site), "apiBaseUrl": api_base_url}
    said = {
        "app": {
            "id": settings.FORGE_APP_ID,
            "appVersion": "2.1.0",
            "installationId": INSTALLATION_ID,
            "apiBaseUrl": api_base_url,
            "installation": {"id": INSTALLATION_ID, "contexts": [context]},
            "environment": {"type": "PRODUCTION", "id": "env-1"},
            "module": {"type": "core:endpoint", "key": "tick"},
        },
        "aud": settings.FORGE_APP_ID,
        "iss": "forge/invocation-token",
        "iat": int(time()),
        "nbf": int(time()),
        "exp": int(time()) + 25,
        "jti": "0a1b2c",
    }
    return {name: value for name, value in {**said, **changes}.items() if value is not None}


def page_claims(settings, *, issue_id="10101", issue_key="SUP-101", **changes):
    """Return what the token of a call from the panel's page says."""
    said = claims(settings, **changes)
    said["principal"] = ACCOUNT_ID
    said["context"] = {
        "cloudId": said["app"]["installation"]["contexts"][0]["cloudId"],
        "siteUrl": "https://acme.atlassian.example",
        "extension": {"issue": {"id": issue_id, "key": issue_key}},
    }
    return said


def sign(said, *, key=None, kid=KEY_ID):
    return jwt.encode(said, key or private_key(), "RS256", headers={"kid": kid})


def system_token(*, ends_in):
    """Return a token of Atlassian's for the app, of which only the end is read."""
    return jwt.encode({"exp": int(time()) + ends_in, "n": ends_in}, "k" * 32, "HS256")


def encoded(part):
    return urlsafe_b64encode(part).rstrip(b"=").decode()
