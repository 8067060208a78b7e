"""The roles of people who use a console: groups of Django by name.

What a role may do is a table in the code (`settings.ROLE_PERMISSIONS`), the same at every site.
"""

from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, Group, User
from django.db import models
from django.utils.translation import gettext_lazy


class Role(models.TextChoices):
    """The names of the groups; what people read is the label."""

    OWNER = "owner", gettext_lazy("Owner")
    CONFIGURATOR = "configurator", gettext_lazy("Configurator")
    AUDITOR = "auditor", gettext_lazy("Auditor")


def role_of(user: AbstractBaseUser | AnonymousUser) -> Role | None:
    """Return the role of a console's user, the widest if there are several; None without one."""
    if not isinstance(user, User) or not user.is_active:
        return None
    return role_held(user)


def role_held(user: User) -> Role | None:
    """Return the role of a user, switched off or not; read once for each object of theirs."""
    if user.is_superuser:
        return Role.OWNER
    known: Any = user  # asked many times for one page
    if not hasattr(known, "_role"):
        held = {group.name for group in user.groups.all()}
        known._role = next((role for role in Role if role in held), None)  # noqa: SLF001
    role: Role | None = known._role  # noqa: SLF001
    return role


def give_role(user: User, role: Role | None) -> None:
    """Give a user this role and no other; without one the console is closed to them."""
    user.groups.set([] if role is None else [Group.objects.get_or_create(name=role)[0]])
    user.is_staff, user.is_superuser = role is not None, False
    user.save(update_fields=["is_staff", "is_superuser"])
    known: Any = user
    known._role = role  # noqa: SLF001
