"""Where permissions come from: the table of what each role may do."""

from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils.module_loading import import_string

from logins.roles import role_of


class RoleBackend(ModelBackend):
    """Logs in by password, and grants what the user's role may do."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> Any:
        known = user_named(username or "")
        # One who is not known costs the same time: what Django does with a name of nobody.
        return super().authenticate(request, known.username if known else "", password, **kwargs)

    def get_user_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        return set()  # nobody holds more than their role

    def get_group_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        role = role_of(user_obj) if obj is None else None
        return set(import_string(settings.ROLE_PERMISSIONS)[role]) if role else set()

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        return self.get_group_permissions(user_obj, obj)


def login_name(user: User) -> str:
    """Return the name that somebody types: an account id of Jira is none to remember."""
    return user.email or user.get_username()


def user_named(name: str) -> User | None:
    """Return whom somebody means by a user name, or by an e-mail address that one user has."""
    user = User.objects.filter(username=name).first()
    if user is not None or "@" not in name:
        return user
    found = User.objects.filter(email__iexact=name)[:2]
    return found[0] if len(found) == 1 else None
