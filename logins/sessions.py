"""The session of a console: how somebody came in, and whether that is enough to pass."""

from enum import StrEnum

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.models import User
from django.http import HttpRequest

from logins.roles import role_of

VIA = "logins.via"


class Via(StrEnum):
    """How somebody proved who they are."""

    JIRA = "jira"  # by a link that Jira's own log-in stands behind
    PASSWORD = "password"  # noqa: S105 - the name of a way in; needs a second step


def enter(request: HttpRequest, user: User, *, via: Via) -> None:
    """Begin a session of this user."""
    login(request, user)
    request.session[VIA] = via


def needs_second_step(request: HttpRequest) -> bool:
    """Whether somebody has given a password alone, and that is not enough."""
    user = request.user
    if not isinstance(user, User) and not user.is_authenticated:
        return False
    if request.session.get(VIA) == Via.JIRA or user.get_username() in settings.PASSWORD_ALONE:
        return False
    return not getattr(user, "otp_device", None)


def may_pass(request: HttpRequest) -> bool:
    """Whether the pages of a console are open to this request."""
    return role_of(request.user) is not None and not needs_second_step(request)
