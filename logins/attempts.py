"""How often somebody may try: failed log-ins, codes and invitations are counted before they fail.

A try is counted before anybody looks whether it is right, and taken back when it was: tries at the
same time cannot get past the limit. Neither names nor addresses are stored, only keyed hashes.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from django.db import connection
from django.utils import timezone
from django.utils.crypto import salted_hmac

from logins.models import Attempts
from tenants.context import current_schema

WINDOW = CLOSED_FOR = timedelta(minutes=15)
TRIES_OF_A_NAME, TRIES_OF_AN_ADDRESS = 5, 30

COUNT = """
INSERT INTO logins_attempts AS known (key, failures, since)
VALUES (%(key)s, 1, %(now)s)
ON CONFLICT (key) DO UPDATE SET
  failures = CASE WHEN known.since <= %(forgotten)s AND known.blocked_until IS NULL
                    OR known.blocked_until <= %(now)s
                  THEN 1 ELSE LEAST(known.failures, %(limit)s) + 1 END,
  since = CASE WHEN known.since <= %(forgotten)s AND known.blocked_until IS NULL
                 OR known.blocked_until <= %(now)s
               THEN %(now)s ELSE known.since END,
  blocked_until = CASE WHEN known.since <= %(forgotten)s AND known.blocked_until IS NULL
                         OR known.blocked_until <= %(now)s THEN NULL
                       WHEN known.failures + 1 = %(limit)s THEN %(closed_until)s
                       ELSE known.blocked_until END
RETURNING failures, blocked_until
"""
TAKE_BACK = """
UPDATE logins_attempts SET
  failures = GREATEST(failures - 1, 0),
  blocked_until = CASE WHEN failures <= %(limit)s THEN NULL ELSE blocked_until END
WHERE key = %(key)s
"""


@dataclass(frozen=True)
class Try:
    """One try that has been counted; it may be made unless the door is closed."""

    name_key: str
    address_key: str
    closed_until: datetime | None = None

    def succeeded(self) -> None:
        """Forget the failures of the name, and this try of the address."""
        Attempts.objects.filter(key=self.name_key).delete()
        with connection.cursor() as cursor:
            cursor.execute(TAKE_BACK, {"key": self.address_key, "limit": TRIES_OF_AN_ADDRESS})


def begin(kind: str, name: str, address: str) -> Try:
    """Count a try of this kind ("password", "code", …) by a name, from an address."""
    address_key = keyed("address", _network(address))
    name_key = keyed(kind, _folded(name)) if name else ""
    closed_until = _count(address_key, TRIES_OF_AN_ADDRESS)
    if name_key and closed_until is None:
        closed_until = _count(name_key, TRIES_OF_A_NAME)
    return Try(name_key, address_key, closed_until)


def forget_old() -> int:
    """Remove what no longer counts; returns how many rows."""
    now = timezone.now()
    old = Attempts.objects.filter(since__lt=now - WINDOW - CLOSED_FOR)
    return old.exclude(blocked_until__gt=now).delete()[0]


def _count(key: str, limit: int) -> datetime | None:
    """Count one try in one statement; returns until when there may be no other, if so."""
    now = timezone.now()
    given: dict[str, str | int | datetime] = {
        "key": key,
        "limit": limit,
        "now": now,
        "forgotten": now - WINDOW,
        "closed_until": now + CLOSED_FOR,
    }
    with connection.cursor() as cursor:
        cursor.execute(COUNT, given)
        failures, blocked_until = cursor.fetchone()
    return blocked_until if failures > limit else None


def _folded(name: str) -> str:
    """Return a name so that all are one that PostgreSQL takes for the same e-mail address."""
    return name.strip().upper().casefold()


def _network(address: str) -> str:
    """Return what one household has: an IPv4 address, or the half of an IPv6 one."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return address
    return str(found.ipv4_mapped or ip_network((found, 64), strict=False))


def keyed(kind: str, value: str) -> str:
    """Return what is stored in the place of a name or an address at the current site."""
    said = f"{current_schema()}:{kind}:{value}"
    return salted_hmac("logins.attempts", said, algorithm="sha256").hexdigest()
