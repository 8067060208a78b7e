"""The people who use a console, as its pages show them."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext as _

from conversations.models import AgentProfile
from conversations.moments import ago, written
from logins.backends import login_name
from logins.models import Authenticator, Person
from logins.roles import Role, role_held

TONES = {Role.OWNER: "info", Role.CONFIGURATOR: "success", Role.AUDITOR: ""}


@dataclass(frozen=True)
class Row:
    """One user; in words what stands in the list."""

    user: User
    is_me: bool

    @property
    def name(self) -> str:
        return self.user.get_full_name() or self.user.get_username()

    @property
    def login(self) -> str:
        """The name to log in by; an account id of Jira's says nothing to anybody."""
        name = login_name(self.user)
        return "" if name == self.user.get_username() and self.from_jira else name

    @property
    def role(self) -> Role | None:
        return role_held(self.user)

    @property
    def tone(self) -> str:
        return TONES[self.role] if self.role else ""

    @property
    def from_jira(self) -> bool:
        of_jira: bool = self.user.known_to_jira  # type: ignore[attr-defined]
        return of_jira or self._role_from == Person.RoleFrom.JIRA

    @property
    def ways(self) -> str:
        """How they come in."""
        if self.user.has_usable_password():
            return _("Jira, password") if self.from_jira else _("Password")
        return _("Jira") if self.from_jira else ""

    @property
    def second_step(self) -> str:
        if self.user.has_authenticator:  # type: ignore[attr-defined]
            return _("Authenticator")
        if self.user.has_usable_password():
            return _("Not set up")
        return _("Jira's own") if self.from_jira else ""

    @property
    def state(self) -> str:
        if not self.user.is_active:
            return _("Switched off")
        expires_at = self.invited_until
        if expires_at is None:
            return ""
        return _("Invited") if expires_at > timezone.now() else _("Invitation ended")

    @property
    def invited_until(self) -> datetime | None:
        invitation = getattr(self.user, "invitation", None)
        return invitation.expires_at if invitation else None

    @property
    def invited_until_written(self) -> str:
        at = self.invited_until
        return written(at) if at else ""

    @property
    def seen(self) -> str:
        at = self._seen_at
        return ago(at) if at else _("never")

    @property
    def seen_exactly(self) -> str:
        at = self._seen_at
        return written(at) if at else ""

    @property
    def _seen_at(self) -> datetime | None:
        person = getattr(self.user, "person", None)
        return person.seen_at if person else None

    @property
    def _role_from(self) -> str:
        person = getattr(self.user, "person", None)
        return person.role_from if person else ""


def users_shown() -> QuerySet[User]:
    """Return the users with all that a row shows, in one query and another for the roles."""
    confirmed = Authenticator.objects.filter(user=OuterRef("pk"), confirmed=True)
    accounts = AgentProfile.objects.filter(account_id=OuterRef("username"))
    shown = User.objects.select_related("person", "invitation").prefetch_related("groups")
    return shown.annotate(
        has_authenticator=Exists(confirmed), known_to_jira=Exists(accounts)
    ).order_by("-is_active", Lower("first_name"), Lower("last_name"), "pk")
