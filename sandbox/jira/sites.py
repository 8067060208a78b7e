"""The Jira sites of the sandbox: their ids, addresses, numbers, and the app as installed there."""

import re
import uuid
from dataclasses import dataclass
from typing import Any

from sandbox.config import Config
from sandbox.jira.errors import control_refusal
from sandbox.store import Store

DEFAULT_SLUG = "demo"
FIRST_VERSION = "1.0.0"
API_TOKEN_SECONDS = 4 * 3600
_DEMO_SENDERS = {"sms": "385951006719", "whatsapp": "385951006720"}
_SLUG = re.compile(r"[a-z][a-z0-9-]{0,29}")
_KIND = "jira_site"


@dataclass(frozen=True)
class Site:
    """One customer's Jira, as Atlassian's side of the app sees it."""

    slug: str
    number: int
    installed: bool
    creates_customers: bool
    url: str
    api_base_url: str
    installations: int = 1
    """How often the app was installed here, this time included."""
    version: str = FIRST_VERSION
    licence: str = "active"
    """`active`, `inactive`, or `none` for an app that is not sold on the Marketplace."""
    environment: str = "PRODUCTION"
    token_seconds: int = API_TOKEN_SECONDS
    ticks: bool = True

    @property
    def cloud_id(self) -> str:
        """Return Atlassian's id of the site."""
        return _derived_id(self.slug)

    @property
    def installation_id(self) -> str:
        """Return the ARI of our app's installation on the site: another one after a reinstall."""
        name = f"{self.slug}/installation"
        if self.installations > 1:
            name += f"/{self.installations}"
        return f"ari:cloud:ecosystem::installation/{_derived_id(name)}"

    @property
    def senders(self) -> dict[str, str]:
        """Return the numbers that Infobip gives this site, by channel."""
        if self.slug == DEFAULT_SLUG:
            return dict(_DEMO_SENDERS)
        first = 385951007000 + 2 * self.number
        return {"sms": str(first), "whatsapp": str(first + 1)}

    @property
    def infobip_key(self) -> str:
        """Return the API key of the site's account at the sandbox's Infobip."""
        return f"sandbox-key-{self.slug}"


class Sites:
    """The sites that exist; the default one always does."""

    def __init__(self, config: Config, store: Store) -> None:
        self._config = config
        self._store = store
        self.register(DEFAULT_SLUG)

    def register(self, slug: str) -> Site:
        """Return the site with this slug, made without the app if there was none."""
        if not _SLUG.fullmatch(slug):
            raise control_refusal(400, "A site's name is lower-case letters, digits and hyphens.")
        if self._store.get(_KIND, slug) is None:
            number = self._store.next_number(_KIND)
            doc = {
                "slug": slug,
                "number": number,
                "installed": False,
                "creates_customers": True,
                "installations": 0,
            }
            self._store.put(_KIND, slug, doc)
        return self.get(slug)

    def install(self, slug: str) -> Site:
        """Put the app on a site; one that had it before gets a new installation."""
        site = self.register(slug)
        if site.installed:
            return site
        return self.update(slug, installed=True, installations=site.installations + 1)

    def update(self, slug: str, **changes: Any) -> Site:
        """Change what a site allows or how the app is installed there."""
        doc = self._store.get(_KIND, self.get(slug).slug) or {}
        self._store.put(_KIND, slug, {**doc, **changes})
        return self.get(slug)

    def get(self, slug: str) -> Site:
        """Return the site with this slug or refuse with 404."""
        doc = self._store.get(_KIND, slug)
        if doc is None:
            raise control_refusal(404, f"There is no site {slug!r}.")
        return self._site(doc)

    def all(self) -> list[Site]:
        """Return every site, oldest first."""
        return [self._site(doc) for doc in self._store.all(_KIND)]

    def by_cloud_id(self, cloud_id: str) -> Site | None:
        """Return the site with this cloud id, if there is one."""
        return next((site for site in self.all() if site.cloud_id == cloud_id), None)

    def _site(self, doc: dict[str, Any]) -> Site:
        api = f"http://127.0.0.1:{self._config.jira_port}/ex/jira/{_derived_id(doc['slug'])}"
        return Site(url=self._config.jira_url, api_base_url=api, **doc)


def _derived_id(name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"omnichat-sandbox/{name}"))
