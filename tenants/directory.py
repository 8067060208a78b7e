"""Finding a site: by inbound key, by host, by schema, by installation."""

from time import monotonic

from django.utils import timezone

from tenants.context import connection
from tenants.models import Installation, Site, digest_of

# A revoked key, a suspended or an uninstalled site stops being served after this long; in the
# process that was told of it at once (`forget`).
REMEMBER_SECONDS = 10.0

FIND_BY_KEY = """
    SELECT site.schema_name FROM public.tenants_inboundkey AS known
    JOIN public.tenants_site AS site ON site.id = known.site_id
    WHERE known.digest = %b AND (known.retires_at IS NULL OR known.retires_at > %b)
        AND site.state <> %b
"""

_by_key: dict[str, tuple[float, str]] = {}
_by_schema: dict[str, tuple[float, Site]] = {}


def schema_by_inbound_key(key: str) -> str | None:
    """Return the schema of the site whose webhook address holds `key`, if the key is valid.

    None for a suspended site.

    Sites still being installed take messages too: their schema exists before their key does. So do
    uninstalled ones: what comes is kept unopened until they return, or is erased with the rest.
    """
    digest = digest_of(key)
    remembered = _by_key.get(digest)
    if remembered and remembered[0] > monotonic():
        return remembered[1]
    # In SQL: of a site that gets a message a minute every one comes here, and Django's objects
    # would cost as much as all the rest of its way into the inbox.
    asked = (digest, timezone.now(), Site.State.SUSPENDED.value)
    found = connection.execute_qualified(FIND_BY_KEY, asked).fetchone()
    if found is None:
        _by_key.pop(digest, None)
        return None
    schema_name = str(found[0])
    _by_key[digest] = (monotonic() + REMEMBER_SECONDS, schema_name)
    return schema_name


def site_by_schema(schema_name: str) -> Site | None:
    """Return the active site of a schema."""
    remembered = _by_schema.get(schema_name)
    if remembered and remembered[0] > monotonic():
        return remembered[1]
    site = Site.objects.filter(schema_name=schema_name, state=Site.State.ACTIVE).first()
    if site is None:
        _by_schema.pop(schema_name, None)
        return None
    _by_schema[schema_name] = (monotonic() + REMEMBER_SECONDS, site)
    return site


def site_at_work(schema_name: str) -> Site | None:
    """Return the site of a schema if it is active now, whatever this process remembers."""
    return Site.objects.filter(schema_name=schema_name, state=Site.State.ACTIVE).first()


def sites_at_work(schema_names: list[str]) -> list[str]:
    """Return those of the schemas whose sites are active now."""
    active = Site.objects.filter(schema_name__in=schema_names, state=Site.State.ACTIVE)
    return list(active.values_list("schema_name", flat=True))


def active_sites() -> list[str]:
    """Return the schemas of the sites that are at work now."""
    active = Site.objects.filter(state=Site.State.ACTIVE).order_by("pk")
    return list(active.values_list("schema_name", flat=True))


def site_by_host(host: str) -> Site | None:
    """Return the active site whose console lives at `host` (without port)."""
    return Site.objects.filter(domains__domain=host, state=Site.State.ACTIVE).first()


def is_suspended(host: str) -> bool:
    """Whether the console at `host` (without port) is one that an operator has closed."""
    suspended = Site.objects.filter(state=Site.State.SUSPENDED)
    return suspended.filter(domains__domain=host).exists()


def installation_by_id(installation_id: str) -> Installation | None:
    """Return an installation with its site.

    Without reading its token, which may be encrypted with a key that was parted with since.
    """
    known = Installation.objects.select_related("site").defer("system_token")
    return known.filter(installation_id=installation_id).first()


def forget() -> None:
    """Drop what this process remembers."""
    _by_key.clear()
    _by_schema.clear()
