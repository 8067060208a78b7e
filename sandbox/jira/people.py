"""Who uses the sandbox's Jira and what each may do: staff, customers and the app's own account."""

import uuid
from dataclasses import asdict, dataclass, replace
from typing import Any

from sandbox.jira.sites import Site
from sandbox.store import Store

AGENT = frozenset(
    {
        "BROWSE_PROJECTS",
        "SERVICEDESK_AGENT",
        "EDIT_ISSUES",
        "TRANSITION_ISSUES",
        "ADD_COMMENTS",
        "CREATE_ATTACHMENTS",
        "MODIFY_REPORTER",
    }
)
ALL_PERMISSIONS = AGENT | {"ADMINISTER", "ADMINISTER_PROJECTS"}
KNOWN_PERMISSIONS = ALL_PERMISSIONS | {
    "ASSIGN_ISSUES",
    "ASSIGNABLE_USER",
    "CLOSE_ISSUES",
    "CREATE_ISSUES",
    "DELETE_ISSUES",
    "LINK_ISSUES",
    "RESOLVE_ISSUES",
    "SYSTEM_ADMIN",
    "USER_PICKER",
}
COLLABORATOR = frozenset({"BROWSE_PROJECTS", "ADD_COMMENTS"})
ADMIN_ONLY_PROJECT = "HR"


@dataclass(frozen=True)
class Person:
    """An account: a person of the staff, a customer, or the app."""

    account_id: str
    name: str
    email: str
    account_type: str
    active: bool = True
    locale: str = "en_GB"


def _staff(slug: str, name: str, *, locale: str = "en_GB") -> Person:
    account_id = f"712020:{uuid.uuid5(uuid.NAMESPACE_URL, f'omnichat-sandbox/{slug}')}"
    return Person(account_id, name, f"{slug}@demo.example", "atlassian", locale=locale)


STAFF = {
    "ana": _staff("ana", "Ana Kovač"),
    "ivan": _staff("ivan", "Ivan Babić"),
    "vera": _staff("vera", "Vera Gost"),
    "mia": _staff("mia", "Mia Horvat", locale="hr_HR"),
    "jonas": _staff("jonas", "Jonas Weber", locale="de_DE"),
}
APP = Person(
    f"557058:{uuid.uuid5(uuid.NAMESPACE_URL, 'omnichat-sandbox/app')}", "OmniChat", "", "app"
)
FORMER = replace(_staff("dora", "Dora Bivša"), active=False)
_FIXED = {person.account_id: person for person in (*STAFF.values(), FORMER, APP)}
_ADMIN, _ONLOOKER = STAFF["ana"], STAFF["vera"]
_SUPPORT_AGENTS = (STAFF["ivan"], STAFF["mia"], STAFF["jonas"])


def permissions_of(person: Person, project: str) -> frozenset[str]:
    """Return the permission keys a person holds in a project, global ones included."""
    if not person.active:
        return frozenset()
    if person == _ADMIN:
        return ALL_PERMISSIONS
    if project == ADMIN_ONLY_PROJECT:
        return frozenset()
    if person in (*_SUPPORT_AGENTS, APP):
        return AGENT
    if person == _ONLOOKER:
        return COLLABORATOR
    # Jira counts a customer's view in the portal as browsing, so this alone proves nothing.
    return frozenset({"BROWSE_PROJECTS"})


class People:
    """Finds accounts of a site and adds its customers."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, site: Site, account_id: str) -> Person | None:
        """Return the account, if the site knows it."""
        if account_id in _FIXED:
            return self._as_it_is(site, _FIXED[account_id])
        doc = self._store.get(_kind(site), account_id)
        return self._as_it_is(site, Person(**doc)) if doc else None

    def by_email(self, site: Site, email: str) -> Person | None:
        """Return the account that uses this mail address."""
        wanted = email.lower()
        return next((who for who in self.all(site) if who.email.lower() == wanted), None)

    def all(self, site: Site) -> list[Person]:
        """Return everybody the site has an account of, the app aside."""
        customers = [Person(**doc) for doc in self._store.all(_kind(site))]
        return [self._as_it_is(site, who) for who in (*STAFF.values(), FORMER, *customers)]

    def set_active(self, site: Site, account_id: str, *, active: bool) -> Person | None:
        """Deactivate an account or bring it back; returns it as it is then."""
        if active:
            self._store.delete(_gone(site), account_id)
        else:
            self._store.put(_gone(site), account_id, {})
        return self.get(site, account_id)

    def add_to_desk(self, site: Site, desk_id: str, account_id: str) -> None:
        """Let a customer raise requests at a restricted service desk."""
        self._store.put(_customers(site, desk_id), account_id, {})

    def is_customer_of(self, site: Site, desk_id: str, account_id: str) -> bool:
        """Return whether a customer was added to the service desk."""
        return self._store.get(_customers(site, desk_id), account_id) is not None

    def create_customer(self, site: Site, *, name: str, email: str) -> Person:
        """Add a customer; the caller has checked that the address is new."""
        unique = uuid.uuid5(uuid.UUID(site.cloud_id), email.lower())
        person = Person(f"qm:{site.cloud_id}:{unique}", name, email, "customer")
        self._store.put(_kind(site), person.account_id, asdict(person))
        return person

    def search(self, site: Site, query: str) -> list[Person]:
        """Return active accounts with a word of the name, or an address, that begins so."""
        wanted = query.lower()
        return [who for who in self.all(site) if who.active and _begins(who, wanted)]

    def _as_it_is(self, site: Site, person: Person) -> Person:
        gone = self._store.get(_gone(site), person.account_id) is not None
        return replace(person, active=False) if gone else person


def platform_user(person: Person) -> dict[str, Any]:
    """Show an account as /rest/api/3 does."""
    return {
        "accountId": person.account_id,
        "accountType": person.account_type,
        "displayName": person.name,
        "emailAddress": person.email,
        "active": person.active,
        "timeZone": "Europe/Zagreb",
        "locale": person.locale,
    }


def jsm_user(person: Person) -> dict[str, Any]:
    """Show an account as /rest/servicedeskapi does."""
    return {
        "accountId": person.account_id,
        "name": person.account_id,
        "key": person.account_id,
        "emailAddress": person.email,
        "displayName": person.name,
        "active": person.active,
        "timeZone": "Europe/Zagreb",
    }


def _kind(site: Site) -> str:
    return f"jira_customer/{site.slug}"


def _gone(site: Site) -> str:
    return f"jira_inactive/{site.slug}"


def _customers(site: Site, desk_id: str) -> str:
    return f"jira_desk_customer/{site.slug}/{desk_id}"


def _begins(person: Person, wanted: str) -> bool:
    name = person.name.lower()
    return any(text.startswith(wanted) for text in (name, person.email.lower(), *name.split()))
