"""What a variable of the environment may look like: one question for each form."""

import re
from collections.abc import Callable
from ipaddress import ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from cryptography.fernet import Fernet
from environ import Env

AUDIT_LONG_ENOUGH = 32  # characters
DIFFERENT_ENOUGH = 10  # different characters; "change-me-change-me-..." has fewer
TRUE, FALSE = {"true", "on", "ok", "y", "yes", "1"}, {"false", "off", "no", "n", "0"}
BROKERS = {"redis", "rediss", "redis+socket", "amqp", "amqps"}
DATABASES = {"postgres", "postgresql"}
LABEL = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
HOST = re.compile(rf"{LABEL}(?:\.{LABEL})*(?::\d{{1,5}})?")
APP_ID = re.compile(r"ari:cloud:ecosystem::app/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def is_hard_to_guess(value: str, *, at_least: int) -> bool:
    return len(value) >= at_least and len(set(value)) >= DIFFERENT_ENOUGH


def is_audit_keys(value: str) -> bool:
    """The newest counts: one that was guessable cannot be taken back."""
    return is_hard_to_guess(value.partition(",")[0], at_least=AUDIT_LONG_ENOUGH)


def is_fernet(key: str) -> bool:
    try:
        Fernet(key)
    except ValueError:
        return False
    return True


def split(value: str) -> SplitResult | None:
    """Return the parts of an address, None when it is none."""
    try:
        parts = urlsplit(value)
        parts.port  # noqa: B018 - raises where it is no number
    except ValueError:
        return None
    return parts


def is_address(value: str, *, schemes: tuple[str, ...] = ("https",)) -> bool:
    parts = split(value)
    return bool(parts and parts.scheme in schemes and HOST.fullmatch(parts.netloc))


def is_bare_address(value: str, *, schemes: tuple[str, ...] = ("https",)) -> bool:
    parts = split(value)
    return is_address(value, schemes=schemes) and bool(parts and parts.path in {"", "/"})


def is_endpoint(value: str) -> bool:
    """Whether it is an address of another system's: its host, path and key are its own matter."""
    parts = split(value)
    return bool(parts and parts.scheme in {"http", "https"} and parts.hostname)


def is_origin(value: str, *, schemes: tuple[str, ...] = ("https",)) -> bool:
    return is_bare_address(value.replace("://*.", "://"), schemes=schemes)


def is_host(value: str) -> bool:
    return HOST.fullmatch(value) is not None


def is_base_host(value: str) -> bool:
    try:
        ip_address(value.partition(":")[0])
    except ValueError:
        return is_host(value)
    return False  # nothing stands in front of a number


def is_database(value: str) -> bool:
    """As the settings read it: several hosts, each with its port, are one cluster to libpq."""
    try:
        found = Env.db_url_config(value)
    except ValueError:
        return False
    return value.partition("://")[0] in DATABASES and bool(found.get("NAME"))


def is_broker(value: str) -> bool:
    parts = split(value)
    return bool(parts and parts.scheme in BROKERS and (parts.hostname or parts.path))


def is_network(value: str) -> bool:
    try:
        ip_network(value)
    except ValueError:
        return False
    return True


def is_region(value: str) -> bool:
    host, _, region = value.partition("=")
    return is_host(host) and region.isalnum()


def is_app_id(value: str) -> bool:
    return APP_ID.fullmatch(value) is not None


def is_count(value: str) -> bool:
    return value.isascii() and value.isdigit()


def is_switch(value: str) -> bool:
    return value.lower() in TRUE | FALSE


def each_of(accepts: Callable[[str], bool]) -> Callable[[str], bool]:
    return lambda value: all(accepts(part) for part in value.split(","))
