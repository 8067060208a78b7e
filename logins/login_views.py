"""The pages by which somebody comes in: name and password, then the second step."""

from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from logins import attempts, second_step, sessions
from logins.backends import user_named
from logins.door import Door
from logins.forms import CodeForm, LoginForm
from logins.second_step import Proof
from logins.sessions import Over, Via

ENDED = {
    Over.AGE: gettext_lazy("You were logged out because you logged in too long ago."),
    Over.IDLE: gettext_lazy("You were logged out because you did nothing for a while."),
    Over.HALF_WAY: gettext_lazy("You were logged out because no code was entered in time."),
    Over.SWITCHED_OFF: gettext_lazy("You were logged out because an owner switched you off."),
    Over.NO_ROLE: gettext_lazy("You were logged out because you have no role here any more."),
}


def log_in(site: Door, request: HttpRequest) -> HttpResponse:
    """Ask for name and password; who has given them is led to the second step."""
    site.watch(request)
    if request.method != "POST":
        if site.has_permission(request):
            return site.lead_in(request)
        if request.user.is_authenticated:
            return site.lead_to(request, "second_step")
        return _login_page(site, request, LoginForm())
    form = LoginForm(request.POST)
    user = _checked(site, request, form) if form.is_valid() else None
    if user is None:
        return _login_page(site, request, form)
    with transaction.atomic():
        sessions.enter(request, user, via=Via.PASSWORD)
        if not site.has_permission(request):
            return site.lead_to(request, "second_step")
        site.record(request, "logged-in", via=str(Via.PASSWORD))
    return site.lead_in(request)


def take_second_step(site: Door, request: HttpRequest) -> HttpResponse:
    """Ask for a code; who has no authenticator is led to set one up."""
    site.watch(request)
    user = request.user
    if not isinstance(user, User):
        return site.lead_to(request, "login")
    if site.has_permission(request):
        return site.lead_in(request)
    if second_step.authenticator_of(user) is None:
        return site.lead_to(request, "authenticator")
    form = CodeForm(request.POST or None)
    proof = check_code(site, request, user, form) if form.is_valid() else None
    if proof is None:
        return site.answer(
            request, "admin/login_second_step.html", title=_("Enter your code"), form=form
        )
    with transaction.atomic():
        second_step.pass_second_step(request, user)
        site.record(request, "logged-in", via=str(Via.PASSWORD), second_step=str(proof))
    return site.lead_in(request)


def check_code(site: Door, request: HttpRequest, user: User, form: CodeForm) -> Proof | None:
    """Use up the code that was typed, within the limits; says in the form why it is refused."""
    tried = attempts.begin("code", user.get_username(), source_of(request))
    if tried.closed_until is not None:
        form.add_error(None, site.too_many(tried.closed_until))
        return None
    with transaction.atomic():
        proof = second_step.prove(user, form.cleaned_data["code"])
        if proof is None:
            site.record(request, "second-step-failed")
        elif proof is Proof.RECOVERY_CODE:
            left = second_step.recovery_codes_left(user)
            site.record(request, "recovery-code-used", left=left)
    if proof is None:
        wrong = _("This code is not right, or it was used already. Enter the next one.")
        form.add_error("code", wrong)
    else:
        tried.succeeded()
    return proof


def source_of(request: HttpRequest) -> str:
    """Return the address that a request came from."""
    return str(request.META.get("REMOTE_ADDR", ""))


def _checked(site: Door, request: HttpRequest, form: LoginForm) -> User | None:
    """Return whose name and password these are; says in the form why they are refused."""
    typed, password = form.cleaned_data["username"], form.cleaned_data["password"]
    tried = attempts.begin("password", typed, source_of(request))
    if tried.closed_until is not None:
        form.add_error(None, site.too_many(tried.closed_until))
        return None
    user = authenticate(request, username=typed, password=password)
    if isinstance(user, User) and site.admits(user):
        tried.succeeded()
        return user
    known = user_named(typed)
    # A name that nobody has may be a password in the wrong field.
    site.record(request, "login-failed", actor=known.get_username() if known else "")
    form.add_error(None, _("User name or password is wrong. Check both and try again."))
    return None


def _login_page(site: Door, request: HttpRequest, form: LoginForm) -> HttpResponse:
    ended = request.session.pop(sessions.ENDED, None)
    return site.answer(
        request,
        "admin/login.html",
        title=_("Log in"),
        form=form,
        other_way=site.other_way(),
        ended=ENDED[Over(ended)] if ended else "",
    )
