"""The databases of the settings: the one there is, and a replica of it if there is one."""

from typing import Any

from environ import Env

ENGINE = "tenants.postgresql"
# A database out of reach must be noticed in seconds: only then does a webhook answer 503.
TIMEOUTS = {"connect_timeout": 5, "tcp_user_timeout": 10_000}  # seconds, milliseconds
# The database is a Citus cluster's coordinator: each site's schema lies on a node of its own.
CITUS = (
    "-c citus.enable_schema_based_sharding=on"
    # The audit log's triggers, and what lets retention past them.
    " -c citus.enable_unsafe_triggers=on"
    " -c citus.propagate_set_commands=local"
)
# Should it lead to a primary.
READ_ONLY = "-c default_transaction_read_only=on"


def databases(env: Env, *, citus: bool) -> dict[str, dict[str, Any]]:
    """Return Django's DATABASES as the environment says."""
    found = {"default": _database(env, "DATABASE_URL", CITUS if citus else "")}
    found["default"]["TEST"] = {"NAME": env.str("TEST_DATABASE_NAME", default=None)}
    if env.str("DATABASE_REPLICA_URL", default=""):
        found["replica"] = _database(env, "DATABASE_REPLICA_URL", READ_ONLY)
        found["replica"]["TEST"] = {"MIRROR": "default"}
    return found


def _database(env: Env, name: str, options: str) -> dict[str, Any]:
    database: dict[str, Any] = env.db_url(name, engine=ENGINE)
    given = database.get("OPTIONS", {})
    if options:
        given["options"] = f"{given.get('options', '')} {options}".strip()
    return database | {
        "CONN_MAX_AGE": env.int("CONN_MAX_AGE", default=600),
        "OPTIONS": TIMEOUTS | given,
    }
