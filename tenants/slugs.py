"""What a new site's console is called: the Jira site's own name, if nobody has it."""

import re
from collections.abc import Iterator
from secrets import token_hex
from urllib.parse import urlsplit

from django.conf import settings

from tenants.models import Site

# Names that people take for ours, or that mail and browsers give a meaning.
RESERVED = frozenset(
    {
        "admin", "api", "app", "apps", "assets", "auth", "autoconfig", "autodiscover", "billing",
        "blog", "cdn", "console", "dev", "docs", "forge", "ftp", "help", "hooks", "imap",
        "localhost", "login", "mail", "media", "ns1", "ns2", "operator", "panel", "pop",
        "postmaster", "smtp", "staging", "static", "status", "stream", "support", "test",
        "webmail", "wpad", "www",
    }
)  # fmt: skip
LONGEST = 40
MAKESHIFT = "site-"


def slugs_for(*, site_url: str, cloud_id: str) -> Iterator[str]:
    """Yield names that were free a moment ago, the best first; the last ones surely are."""
    host = (urlsplit(site_url).hostname or "").partition(".")[0]
    wished = re.sub(r"[^a-z0-9-]", "", host)[:LONGEST].strip("-")
    unique = f"{MAKESHIFT}{re.sub('[^a-z0-9]', '', cloud_id.lower())[:12]}"
    for slug in (wished, unique):
        if slug and slug not in RESERVED | _machines_names() and not _taken(slug):
            yield slug
    for _ in range(3):
        yield f"{unique}-{token_hex(4)}"


def is_makeshift(slug: str) -> bool:
    """Whether a name was made of a cloud id, for want of a better one."""
    return slug.startswith(MAKESHIFT)


def _machines_names() -> set[str]:
    """Return the names under which the consoles' domain has hosts of our own."""
    domain = "." + settings.SITE_BASE_HOST.partition(":")[0]
    hosts = [*settings.MACHINES_HOSTS, *settings.REGIONS]
    return {host.removesuffix(domain) for host in hosts if host.endswith(domain)}


def _taken(slug: str) -> bool:
    return Site.objects.filter(slug=slug).exists()
