"""Every variable of the environment: what it must be, and in what words that is said."""

from collections.abc import Callable
from dataclasses import dataclass

from omnichat.variable_forms import (
    AUDIT_LONG_ENOUGH,
    each_of,
    is_address,
    is_app_id,
    is_audit_keys,
    is_bare_address,
    is_base_host,
    is_broker,
    is_count,
    is_database,
    is_endpoint,
    is_fernet,
    is_hard_to_guess,
    is_host,
    is_network,
    is_origin,
    is_region,
    is_switch,
)

TOKEN_LONG_ENOUGH = 20  # characters of what Prometheus shows
LONG_ENOUGH = 50  # characters of a signing key: Django's own measure
FORGE_ENVIRONMENTS = {"PRODUCTION", "STAGING", "DEVELOPMENT"}
LOG_LEVELS = {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}


@dataclass(frozen=True)
class Variable:
    """`must_be` ends the sentence "X must be ..."; no value is ever repeated in a message."""

    must_be: str
    accepts: Callable[[str], bool]
    required: bool = False


ANYTHING = Variable("a text", bool)
NUMBER = Variable("a whole number, 0 or more", is_count)
COUNT = Variable("a whole number, 1 or more", lambda value: is_count(value) and int(value) > 0)
SWITCH = Variable("true or false", is_switch)
PAGE = Variable("an https address, as https://omnichat.example.com/page/", is_address)
HOSTS = Variable(
    "names of hosts, separated by commas without spaces; one in front of which others may stand"
    " begins with a dot",
    each_of(lambda host: is_host(host.removeprefix("."))),
)
VARIABLES = {
    "SECRET_KEY": Variable(
        f"{LONG_ENOUGH} characters or more that nobody can guess; this makes some: python -c"
        ' "import secrets; print(secrets.token_urlsafe(50))"',
        lambda value: is_hard_to_guess(value, at_least=LONG_ENOUGH),
        required=True,
    ),
    "SECRET_KEY_FALLBACKS": ANYTHING,
    "ENCRYPTION_KEYS": Variable(
        "Fernet keys, the newest in front, separated by commas without spaces; this makes one:"
        ' python -c "from cryptography.fernet import Fernet;'
        ' print(Fernet.generate_key().decode())"',
        each_of(is_fernet),
        required=True,
    ),
    "AUDIT_KEYS": Variable(
        "keys, the newest in front, separated by commas without spaces; the newest of"
        f" {AUDIT_LONG_ENOUGH} characters or more that nobody can guess, as ENCRYPTION_KEYS' are",
        is_audit_keys,
        required=True,
    ),
    "DEBUG": SWITCH,
    "SANDBOX": SWITCH,
    "APP_URL": Variable(
        "an https address without a path, as https://omnichat.example.com",
        is_bare_address,
        required=True,
    ),
    "SITE_BASE_HOST": Variable(
        "a host's name in small letters, with its port if it has one and without https://, as"
        " omnichat.example.com",
        is_base_host,
        required=True,
    ),
    "STREAM_URL": PAGE,
    "GUIDE_URL": PAGE,
    "ADMIN_GUIDE_URL": PAGE,
    "MACHINES_HOSTS": HOSTS,
    "PANEL_PARENT_ORIGINS": Variable(
        "https addresses without a path, separated by commas without spaces",
        each_of(is_origin),
    ),
    "STATIC_ROOT": ANYTHING,
    "TRUSTED_PROXIES": Variable(
        "addresses or networks, separated by commas without spaces, as 10.0.0.5,10.1.0.0/16",
        each_of(is_network),
    ),
    "PASSWORD_ALONE": ANYTHING,
    "SESSION_IDLE_SECONDS": NUMBER,
    "DATABASE_URL": Variable(
        "the address of a PostgreSQL database, as postgresql://name:password@host:5432/omnichat;"
        " what is neither letter nor digit in name or password is written as %40 is for @",
        is_database,
        required=True,
    ),
    "DATABASE_REPLICA_URL": Variable(
        "the address of a replica of the database, written like DATABASE_URL",
        is_database,
    ),
    "CONN_MAX_AGE": NUMBER,
    "TEST_DATABASE_NAME": ANYTHING,
    "TRANSACTION_SECONDS": NUMBER,
    "CITUS": SWITCH,
    "CELERY_BROKER_URL": Variable(
        "the address of Redis or Valkey (redis://host:6379/0, rediss:// with TLS,"
        " redis+socket:///path) or of RabbitMQ (amqp://name:password@host:5672/vhost, amqps://)",
        is_broker,
        required=True,
    ),
    "WORKER_SITE_THREADS": COUNT,
    "FILES_DIR": ANYTHING,
    "FILES_S3_BUCKET": ANYTHING,
    "FILES_S3_ENDPOINT": Variable(
        "an address, as https://s3.example.com",
        is_endpoint,
    ),
    "FILES_S3_REGION": ANYTHING,
    "FILES_S3_ACCESS_KEY": ANYTHING,
    "FILES_S3_SECRET_KEY": ANYTHING,
    "FORGE_APP_ID": Variable(
        "the app's id as its manifest says it, ari:cloud:ecosystem::app/ and a UUID",
        is_app_id,
        required=True,
    ),
    "FORGE_JWKS_URL": PAGE,
    "FORGE_ENVIRONMENTS": Variable(
        f"some of {', '.join(sorted(FORGE_ENVIRONMENTS))}, separated by commas without spaces",
        each_of(FORGE_ENVIRONMENTS.__contains__),
    ),
    "JIRA_POINTS_PER_HOUR": NUMBER,
    "LICENCE_REQUIRED": SWITCH,
    "LICENCE_GRACE_DAYS": NUMBER,
    "ERASE_AFTER_DAYS": NUMBER,
    "CUSTOMER_MAIL_DOMAIN": Variable("a mail domain, as customers.example.com", is_host),
    "REGIONS": Variable(
        "hosts and their regions, as eu.omnichat.example.com=EU, separated by commas without"
        " spaces",
        each_of(is_region),
    ),
    "JIRA_API_HOSTS": HOSTS,
    "INFOBIP_HOSTS": HOSTS,
    "MEDIA_CDN_HOSTS": HOSTS,
    "RELEASE": ANYTHING,
    "METRICS_TOKEN": Variable(
        f"{TOKEN_LONG_ENOUGH} characters or more that nobody can guess",
        lambda value: is_hard_to_guess(value, at_least=TOKEN_LONG_ENOUGH),
    ),
    "METRICS_PORT": Variable(
        "the number of a port", lambda value: is_count(value) and int(value) < 2**16
    ),
    "SENTRY_DSN": Variable(
        "a project's address in Sentry, as https://key@sentry.example.com/1",
        is_endpoint,
    ),
    "SENTRY_ENVIRONMENT": ANYTHING,
    "OTEL_EXPORTER_OTLP_ENDPOINT": Variable(
        "the address of a collector that speaks OTLP over HTTP, as http://collector:4318",
        is_endpoint,
    ),
    "TRACES_PERCENT": NUMBER,
    "LOG_LEVEL": Variable(f"one of {', '.join(sorted(LOG_LEVELS))}", LOG_LEVELS.__contains__),
}
WEB = ("http", "https")
LOCAL_PAGE = Variable("an address of the web", lambda value: is_address(value, schemes=WEB))
# On a desk nobody listens in, and nothing is kept that a key would protect.
SANDBOX_VARIABLES = {
    "SECRET_KEY": Variable("a text", bool, required=True),
    "AUDIT_KEYS": Variable("keys, separated by commas", bool, required=True),
    "APP_URL": Variable(
        "an address without a path, as http://127.0.0.1:8000",
        lambda value: is_bare_address(value, schemes=WEB),
        required=True,
    ),
    **dict.fromkeys(("STREAM_URL", "GUIDE_URL", "ADMIN_GUIDE_URL", "FORGE_JWKS_URL"), LOCAL_PAGE),
    "PANEL_PARENT_ORIGINS": Variable(
        "addresses without a path", each_of(lambda value: is_origin(value, schemes=WEB))
    ),
    "CELERY_BROKER_URL": Variable(
        "a broker's address", lambda value: is_broker(value) or value == "memory://", required=True
    ),
}
