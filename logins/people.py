"""Changing who may enter a console: roles, switching off, removing; an owner always remains."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.auth.models import Group, User
from django.db import transaction
from django.db.models import Q, QuerySet

from logins import invitations, sessions
from logins.models import Person
from logins.roles import Role, give_role

NO_PASSWORD = "!"  # noqa: S105 - with which Django begins what nobody can log in by


class LastOwner(Exception):
    """Nobody would be left who may do everything."""


def owners() -> QuerySet[User]:
    """Return the owners who can come in: not who was only invited."""
    by_password = ~Q(password__startswith=NO_PASSWORD)
    from_jira = Q(person__role_from=Person.RoleFrom.JIRA)
    been_here = Q(last_login__isnull=False, invitation=None)
    role = Q(groups__name=Role.OWNER) | Q(is_superuser=True)
    return User.objects.filter(role & (by_password | from_jira | been_here), is_active=True)


def change_role(user: User, role: Role) -> None:
    """Give a role that holds whatever Jira says of this person. Raises LastOwner."""
    with _keeping_an_owner(user):
        give_role(user, role)
        Person.objects.update_or_create(user=user, defaults={"role_from": Person.RoleFrom.HERE})


def switch(user: User, *, on: bool) -> None:
    """Shut somebody out until switched on again; no session lives through it. Raises LastOwner."""
    with _keeping_an_owner(user):
        if on:  # until then they lie there closed, and say why
            sessions.end_all(user)
        user.is_active = on
        user.save(update_fields=["is_active"])


def invite_again(user: User, *, by: str) -> str:
    """Return the token of a new link, in the place of password and authenticator.

    Raises LastOwner.
    """
    with _keeping_an_owner(user):
        return invitations.invite(user, by=by)


def remove(user: User) -> None:
    """Remove a user with all that is theirs; what they did stays recorded. Raises LastOwner."""
    with _keeping_an_owner(user):
        sessions.end_all(user)
        User.objects.filter(pk=user.pk).delete()


@contextmanager
def _keeping_an_owner(user: User) -> Iterator[None]:
    with transaction.atomic():
        Group.objects.get_or_create(name=Role.OWNER)
        # Of two owners who remove each other at once, the second waits here, and is refused.
        Group.objects.select_for_update().get(name=Role.OWNER)
        counted = owners().filter(pk=user.pk).exists()
        yield
        if counted and not owners().exists():
            raise LastOwner
