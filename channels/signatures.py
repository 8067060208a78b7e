"""What proves that a request comes from the provider, beside the key in its address.

A site with a valid secret asks every request for one: an HMAC over the body as it came, or Basic
credentials. A site without one asks for the key only. Two are valid while one replaces the other.
"""

import hmac
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from time import monotonic
from typing import Any

from django.utils import timezone

from channels.models import DEFAULT_SIGNATURE_HEADER, WebhookSecret
from channels.webhook_requests import RequestRefused
from tenants.context import connection
from tenants.encryption import decrypt

# A secret that was made or has retired is noticed by every process after this long.
REMEMBER_SECONDS = 5.0
# Before a request is refused the secrets are read again, unless they are younger than this.
FRESH_SECONDS = 1.0
# One row where nothing is asked for. In SQL, for a webhook asks at most of its messages.
ASKED = """
    SELECT account.signature_header, asked.kind, asked.username, asked.secret
    FROM (SELECT (SELECT signature_header FROM {0}.channels_provideraccount ORDER BY id LIMIT 1))
        AS account (signature_header)
    LEFT JOIN {0}.channels_webhooksecret AS asked
        ON asked.retires_at IS NULL OR asked.retires_at > %b
"""

Kind = WebhookSecret.Kind


@dataclass(frozen=True)
class Gate:
    """What the requests of one site must carry one of; `read_at` is on this process's clock."""

    header: str
    hmac_secrets: tuple[bytes, ...]
    credentials: tuple[bytes, ...]
    read_at: float

    def admits(self, headers: Mapping[str, Any], bodies: Iterable[bytes]) -> bool:
        if not self.hmac_secrets and not self.credentials:
            return True
        return self._is_signed(_values(headers, self.header), bodies) or self._knows(
            _values(headers, "HTTP_AUTHORIZATION")
        )

    def is_bare(self, headers: Mapping[str, Any]) -> bool:
        """Whether a request carries nothing at all that could let it in."""
        asked = [self.header] if self.hmac_secrets else []
        asked += ["HTTP_AUTHORIZATION"] if self.credentials else []
        return not any(_values(headers, name) for name in asked)

    def _is_signed(self, signatures: list[str], bodies: Iterable[bytes]) -> bool:
        given = [digest for digest in map(_digest, signatures) if digest]
        if not given:
            return False
        right = [
            hmac.new(secret, body, sha256).hexdigest().encode()
            for secret in self.hmac_secrets
            for body in bodies
        ]
        return any(hmac.compare_digest(one, other) for one in given for other in right)

    def _knows(self, authorizations: list[str]) -> bool:
        given = [one for one in map(_credentials, authorizations) if one is not None]
        return any(hmac.compare_digest(one, known) for one in given for known in self.credentials)


_gates: dict[str, Gate] = {}


def check(schema_name: str, headers: Mapping[str, Any], bodies: Iterable[bytes]) -> None:
    """Let a request to a site through; `headers` as WSGI names them.

    Raises RequestRefused, DatabaseError, or InvalidToken when the secrets cannot be decrypted.
    """
    bodies = frozenset(bodies)
    if _gate(schema_name, REMEMBER_SECONDS).admits(headers, bodies):
        return
    gate = _gate(schema_name, FRESH_SECONDS)
    if gate.admits(headers, bodies):
        return
    reason = "signature-missing" if gate.is_bare(headers) else "signature-wrong"
    raise RequestRefused(reason, 401)


def forget() -> None:
    """Drop what this process remembers."""
    _gates.clear()


def _gate(schema_name: str, longest: float) -> Gate:
    now = monotonic()
    remembered = _gates.get(schema_name)
    if remembered and now - remembered.read_at < longest:
        return remembered
    schema = connection.ops.quote_name(schema_name)
    rows = connection.execute_qualified(ASKED.format(schema), (timezone.now(),)).fetchall()
    header = rows[0][0] or DEFAULT_SIGNATURE_HEADER
    secrets = [
        (kind, name, token and decrypt(token)) for _header, kind, name, token in rows if kind
    ]
    gate = Gate(
        header="HTTP_" + header.upper().replace("-", "_"),
        hmac_secrets=tuple(secret.encode() for kind, _name, secret in secrets if kind == Kind.HMAC),
        credentials=tuple(
            f"{name}:{secret}".encode() for kind, name, secret in secrets if kind == Kind.BASIC
        ),
        read_at=now,
    )
    _gates[schema_name] = gate
    return gate


def _values(headers: Mapping[str, Any], name: str) -> list[str]:
    """Return what a header says; WSGI joins one that came twice with a comma."""
    given = str(headers.get(name, "")).split(",")
    return [value.strip() for value in given if value.strip()]


def _digest(signature: str) -> bytes | None:
    """Return the hexadecimal digest of `SHA256=<digest>`, or of a digest alone, in lower case."""
    algorithm, _, digest = signature.rpartition("=")
    if algorithm.strip().lower() not in ("", "sha256"):
        return None
    return digest.strip().lower().encode(errors="replace")


def _credentials(authorization: str) -> bytes | None:
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return b64decode(encoded.strip(), validate=True)
    except (NotBase64, ValueError):
        return None
