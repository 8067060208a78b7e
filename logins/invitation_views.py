"""The page that an invitation leads to: a password is chosen, then an authenticator set up."""

from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from logins import attempts, invitations, sessions
from logins.backends import login_name
from logins.door import Door
from logins.forms import NewPasswordForm
from logins.login_views import source_of
from logins.sessions import Via


def take_invitation(site: Door, request: HttpRequest, token: str) -> HttpResponse:
    """Let somebody choose a password by a link; looking at the page does not use the link up."""
    answer = _answer(site, request, token)
    # The token goes nowhere. Not "no-referrer": the form would come back from no known origin.
    answer["Referrer-Policy"] = "strict-origin"
    return answer


def _answer(site: Door, request: HttpRequest, token: str) -> HttpResponse:
    tried = attempts.begin("invitation", "", source_of(request))
    if tried.closed_until is not None:
        return _refusal(site, request, site.too_many(tried.closed_until), status=429)
    user = invitations.invited(token)
    if user is None or not site.admits(user):
        return _refusal(site, request, "")
    tried.succeeded()
    form = NewPasswordForm(user, request.POST or None)
    if not form.is_valid():
        return site.answer(
            request,
            "admin/login_invitation.html",
            title=_("Choose a password"),
            form=form,
            login_name=login_name(user),
        )
    with transaction.atomic():
        user = _entered(request, token, form)
        if user is None:
            return _refusal(site, request, "")
        site.record(request, "invitation-used")
    return site.lead_to(request, "second_step")


def _entered(request: HttpRequest, token: str, form: NewPasswordForm) -> User | None:
    """Save the password and begin a session; None if somebody else was quicker with the link."""
    user = invitations.invited(token, locked=True)
    if user is None:
        return None
    user.set_password(form.cleaned_data["new_password1"])
    user.save(update_fields=["password"])
    invitations.use_up(user)
    sessions.enter(request, user, via=Via.PASSWORD)
    return user


def _refusal(site: Door, request: HttpRequest, why: str, *, status: int = 403) -> HttpResponse:
    return site.answer(
        request,
        "admin/login_invitation_refused.html",
        title=_("This invitation does not work"),
        status=status,
        why=why,
    )
