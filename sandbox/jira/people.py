"""Who uses the sandbox's Jira and what each may do: staff, customers and the app's own account."""

import uuid
from dataclasses import asdict, dataclass
from typing import Any

from sandbox.jira.sites import Site
from sandbox.store import Store

AGENT = frozenset(
    {"BROWSE_PROJECTS", "SERVICEDESK_AGENT", "EDIT_ISSUES", "TRANSITION_ISSUES", "ADD_COMMENTS"}
)
ALL_PERMISSIONS = AGENT | {"ADMINISTER", "ADMINISTER_PROJECTS"}
ADMIN_ONLY_PROJECT = "HR"


@dataclass(frozen=True)
class Person:
    """An account: a person of the staff, a customer, or the app."""

    account_id: str
    name: str
    email: str
    account_type: str


def _staff(slug: str, name: str) -> Person:
    account_id = f"712020:{uuid.uuid5(uuid.NAMESPACE_URL, f'omnichat-sandbox/{slug}')}"
    return Person(account_id, name, f"{slug}@demo.example", "atlassian")


STAFF = {
    "ana": _staff("ana", "Ana Kovač"),
    "ivan": _staff("ivan", "Ivan Babić"),
    "vera": _staff("vera", "Vera Gost"),
}
APP = Person(
    f"557058:{uuid.uuid5(uuid.NAMESPACE_URL, 'omnichat-sandbox/app')}", "OmniChat", "", "app"
)
_FIXED = {person.account_id: person for person in (*STAFF.values(), APP)}
_ADMIN, _SUPPORT_AGENT, _ONLOOKER = STAFF["ana"], STAFF["ivan"], STAFF["vera"]


def permissions_of(person: Person, project: str) -> frozenset[str]:
    """Return the permission keys a person holds in a project, global ones included."""
    if person == _ADMIN:
        return ALL_PERMISSIONS
    if person == APP:
        return AGENT
    if project == ADMIN_ONLY_PROJECT:
        return frozenset()
    if person == _SUPPORT_AGENT:
        return AGENT
    # Jira counts a customer's view in the portal as browsing, so this alone proves nothing.
    return frozenset({"BROWSE_PROJECTS"})


class People:
    """Finds accounts of a site and adds its customers."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, site: Site, account_id: str) -> Person | None:
        """Return the account, if the site knows it."""
        if account_id in _FIXED:
            return _FIXED[account_id]
        doc = self._store.get(_kind(site), account_id)
        return Person(**doc) if doc else None

    def by_email(self, site: Site, email: str) -> Person | None:
        """Return the account that uses this mail address."""
        customers = [Person(**doc) for doc in self._store.all(_kind(site))]
        known = [*STAFF.values(), *customers]
        return next((who for who in known if who.email.lower() == email.lower()), None)

    def create_customer(self, site: Site, *, name: str, email: str) -> Person:
        """Add a customer; the caller has checked that the address is new."""
        unique = uuid.uuid5(uuid.UUID(site.cloud_id), email.lower())
        person = Person(f"qm:{site.cloud_id}:{unique}", name, email, "customer")
        self._store.put(_kind(site), person.account_id, asdict(person))
        return person

    def search(self, site: Site, query: str) -> list[Person]:
        """Return accounts whose name or address contains the query."""
        customers = [Person(**doc) for doc in self._store.all(_kind(site))]
        wanted = query.lower()
        return [
            who
            for who in (*STAFF.values(), *customers)
            if wanted in who.name.lower() or wanted in who.email.lower()
        ]


def platform_user(person: Person) -> dict[str, Any]:
    """Show an account as /rest/api/3 does."""
    return {
        "accountId": person.account_id,
        "accountType": person.account_type,
        "displayName": person.name,
        "emailAddress": person.email,
        "active": True,
        "timeZone": "Europe/Zagreb",
        "locale": "en_GB",
    }


def jsm_user(person: Person) -> dict[str, Any]:
    """Show an account as /rest/servicedeskapi does."""
    return {
        "accountId": person.account_id,
        "name": person.account_id,
        "key": person.account_id,
        "emailAddress": person.email,
        "displayName": person.name,
        "active": True,
        "timeZone": "Europe/Zagreb",
    }


def _kind(site: Site) -> str:
    return f"jira_customer/{site.slug}"
