"""Who knocks: everybody that may come in somewhere, and everybody that only looks like it."""

import hmac
import json
from base64 import b64encode
from dataclasses import dataclass, replace
from hashlib import sha256
from time import time

import time_machine
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.contrib.auth.models import User
from django.core import signing
from django.test import Client

from jira_bridge import panel_session
from logins.roles import Role
from tenants.context import public_context, tenant_context
from tests.consoles import PASSWORD, ConsoleClient, admitted, client_of
from tests.factories import AgentFactory
from tests.jira_bridge import forge
from tests.omnichat.operators.conftest import admitted as operator_client

OTHER_APP = "ari:cloud:ecosystem::app/00000000-0000-4000-8000-000000000000"


@dataclass(frozen=True)
class Identity:
    """What a request carries, and what that is worth.

    `session` is of a panel: "own" for the request that is tried, "other" for another one; `letter`
    a console's role; `fit` what Forge's token is good for: "forge" for everything, "page" for what
    pages ask, "known" for nothing although it is no bad one.
    """

    authorization: str = ""
    cookie: str = ""
    query: str = ""
    session: str = ""
    fit: str = ""
    letter: str = ""
    operator: bool = False


def identities(acme, globex):
    """Return by name everybody who tries acme's addresses."""
    found = {}
    for family in FAMILIES.values():
        found |= family(acme, globex)
    return found


def _panels(acme, globex):
    own, reader = session_of(acme), session_of(acme, may_reply=False)
    return {
        "agent": Identity(bearer(own), session="own"),
        "agent who may only read": Identity(bearer(reader), session="own"),
        "agent of another request": Identity(
            bearer(session_of(acme, issue_id=acme.other_issue_id)), session="other"
        ),
        "agent of another site": Identity(bearer(session_of(globex)), session="other"),
        "agent of a site that is none": Identity(bearer(session_of(acme, schema_name="public"))),
    }


def _false_panels(acme, _globex):
    own = session_of(acme)
    said, stamp, signature = own.split(":")
    with time_machine.travel(time() - panel_session.LIFETIME_SECONDS - 1):
        expired = session_of(acme)
    payload = {"site": acme.site.schema_name, "issue": acme.issue_id, "expires": time() + 60}
    elsewhere = session_of(acme, issue_id=acme.other_issue_id).partition(":")[0]
    return {
        "nonsense": Identity("Bearer nonsense"),
        "expired panel session": Identity(bearer(expired)),
        "panel session of another key": Identity(bearer(_signed(payload, key="k" * 50))),
        "panel session of another purpose": Identity(
            bearer(_signed(payload, salt="conversations.panel.files"))
        ),
        "panel session with another request in it": Identity(
            bearer(f"{elsewhere}:{stamp}:{signature}")
        ),
        "panel session without signature": Identity(bearer(f"{said}:{stamp}:")),
        "panel session as a JWT of no algorithm": Identity(bearer(unsigned(payload))),
        "panel session by Basic": Identity(f"Basic {own}"),
        "panel session in a cookie": Identity(cookie=f"token={own}; Authorization={own}"),
        "panel session in the query": Identity(query=f"token={own}&authorization={own}"),
    }


def _forge(_acme, _globex):
    now = int(time())
    lasting = {"exp": now + 3600}  # longer than the whole run
    said, paged = forge.claims(settings, **lasting), forge.page_claims(settings, **lasting)
    false = {
        "expired": forge.sign({**said, "iat": now - 100, "nbf": now - 100, "exp": now - 60}),
        "not yet valid": forge.sign({**said, "nbf": now + 600}),
        "of another app": forge.sign({**said, "aud": OTHER_APP}),
        "of another issuer": forge.sign({**said, "iss": "forge/another-token"}),
        "of another key": forge.sign(said, key=forge.private_key("theirs")),
        "of an unknown key": forge.sign(said, kid="forge/invocation-token/2"),
        "of a key in a file": forge.sign(said, kid="../../../../dev/null"),
        "of no algorithm": unsigned(said, kid=forge.KEY_ID),
        "signed with what all may know": _by_public_key(said),
        "of no installation": forge.sign({**said, "app": {}}),
    }
    staged = {**said, "app": {**said["app"], "environment": {"type": "STAGING"}}}
    return {
        "Forge": Identity(bearer(forge.sign(said)), fit="forge"),
        "Forge for another site": Identity(
            bearer(forge.sign(forge.claims(settings, site="globex", **lasting))), fit="forge"
        ),
        "page by Forge": Identity(bearer(forge.sign(paged)), fit="page"),
        "Forge of another environment": Identity(bearer(forge.sign(staged)), fit="known"),
        **{f"Forge token {name}": Identity(bearer(token)) for name, token in false.items()},
    }


def _consoles(acme, _globex):
    with tenant_context(acme.site):
        roles = {"O": Role.OWNER, "C": Role.CONFIGURATOR, "A": Role.AUDITOR}
        inside = {
            f"{role.value} of the console": Identity(
                cookie=_cookie(client_of(f"ana-{letter}", role)), letter=letter
            )
            for letter, role in roles.items()
        }
    with public_context():
        olga = User.objects.get(username="olga")
    return {**inside, "operator": Identity(cookie=_cookie(operator_client(olga)), operator=True)}


def _false_consoles(acme, globex):
    with tenant_context(globex.site):
        elsewhere = _cookie(client_of("ana-O", Role.OWNER))
    with tenant_context(acme.site):
        nobody = User.objects.create_user("nobody", password=PASSWORD)
        roleless = _cookie(admitted(ConsoleClient(), nobody))
        half = User.objects.create_user("half", password=PASSWORD, is_superuser=True, is_staff=True)
        client = ConsoleClient()
        client.force_login(half)
        half_way = _cookie(client)
        signed_out = client_of("ana-O", Role.OWNER)
        ended = _cookie(signed_out)
        signed_out.post("/admin/logout/")
    return {
        "owner of another site's console": Identity(cookie=elsewhere),
        "user without a role": Identity(cookie=roleless),
        "user by password alone": Identity(cookie=half_way),
        "owner who has logged out": Identity(cookie=ended),
        "made-up session": Identity(cookie=f"{settings.SESSION_COOKIE_NAME}={'a' * 32}"),
    }


def _others(acme, _globex):
    key = acme.inbound_key
    return {
        "stranger": Identity(),
        "webhook key as a token": Identity(bearer(key)),
        "webhook key by Basic": Identity("Basic " + b64encode(f"{key}:{key}".encode()).decode()),
        "everything in the query": Identity(query="user=ana-O&site=acme&role=owner&issue=1"),
        "name alone": Identity("Negotiate ana-O"),
    }


FAMILIES = {
    "agents": _panels,
    "false panel sessions": _false_panels,
    "Forge": _forge,
    "people of consoles": _consoles,
    "false sessions of consoles": _false_consoles,
    "others": _others,
}


def bearer(token):
    return f"Bearer {token}"


def unsigned(said, **headers):
    """Return a JWT that says itself that it has no signature."""
    head = forge.encoded(json.dumps({"alg": "none", "typ": "JWT", **headers}).encode())
    return f"{head}.{forge.encoded(json.dumps(said).encode())}."


def session_of(world, **changes):
    agent = AgentFactory(schema_name=world.site.schema_name, issue_id=world.issue_id)
    return panel_session.issue(replace(agent, **changes))


def _signed(payload, *, key=None, salt=panel_session.SALT):
    return signing.dumps(payload, key=key, salt=salt)


def _by_public_key(said):
    """Return a token whose signature is an HMAC with the public key, for who mixes the two up."""
    public = forge.private_key().public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    head = forge.encoded(json.dumps({"alg": "HS256", "kid": forge.KEY_ID}).encode())
    signing_input = f"{head}.{forge.encoded(json.dumps(said).encode())}"
    mac = hmac.new(pem, signing_input.encode(), sha256).digest()
    return f"{signing_input}.{forge.encoded(mac)}"


def _cookie(client: Client):
    name = settings.SESSION_COOKIE_NAME
    return f"{name}={client.cookies[name].value}"
