"""The pages on which somebody sets up an authenticator, or gets new recovery codes."""

from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from logins import second_step
from logins.backends import login_name
from logins.door import Door
from logins.forms import CodeForm
from logins.login_views import check_code

PROVEN = "logins.proven"  # in the session: when a code was last given for a change
PROVEN_SECONDS = 600


def set_up_authenticator(site: Door, request: HttpRequest) -> HttpResponse:
    """Show a new key and have it confirmed; who has an authenticator gives a code of it first."""
    site.watch(request)
    user = request.user
    if not isinstance(user, User) or not site.admits(user):
        return site.lead_to(request, "login")
    outside = not site.has_permission(request)
    if second_step.authenticator_of(user) is not None:
        if outside:
            return site.lead_to(request, "second_step")
        if not _is_proven(request):
            return _ask_first(site, request, user)
    # What was posted to prove something confirms nothing.
    form = CodeForm(request.POST if "confirm" in request.POST else None, digits_only=True)
    if not form.is_valid():
        return _key_page(site, request, user, form)
    with transaction.atomic():
        codes = second_step.set_up(request, user, form.cleaned_data["code"])
        if codes is not None:
            second_step.pass_second_step(request, user)
            site.record(request, "authenticator-set")
            if outside:
                site.record(request, "logged-in", via="password", second_step="authenticator")
    if codes is None:
        form.add_error("code", _("This code does not fit. Enter the one that is shown now."))
        return _key_page(site, request, user, form)
    request.session.pop(PROVEN, None)
    return _codes_page(site, request, codes)


def make_recovery_codes(site: Door, request: HttpRequest) -> HttpResponse:
    """Give somebody new recovery codes in the old ones' place, for a code."""
    user = request.user
    if not isinstance(user, User) or second_step.authenticator_of(user) is None:
        return site.lead_to(request, "authenticator")
    form = CodeForm(request.POST or None)
    if not form.is_valid() or check_code(site, request, user, form) is None:
        return _code_page(site, request, form, title=_("New recovery codes"))
    with transaction.atomic():
        codes = second_step.new_recovery_codes(user)
        site.record(request, "recovery-codes-made")
    return _codes_page(site, request, codes)


def _is_proven(request: HttpRequest) -> bool:
    at = request.session.get(PROVEN, 0)
    return bool(timezone.now().timestamp() - at < PROVEN_SECONDS)


def _ask_first(site: Door, request: HttpRequest, user: User) -> HttpResponse:
    form = CodeForm(request.POST or None)
    if form.is_valid() and check_code(site, request, user, form) is not None:
        request.session[PROVEN] = timezone.now().timestamp()
        return site.lead_to(request, "authenticator")
    return _code_page(site, request, form, title=_("New authenticator"))


def _code_page(site: Door, request: HttpRequest, form: CodeForm, *, title: str) -> HttpResponse:
    return site.answer(request, "admin/login_second_step.html", title=title, form=form, asked=True)


def _key_page(site: Door, request: HttpRequest, user: User, form: CodeForm) -> HttpResponse:
    key, name = second_step.pending_key(request), login_name(user)
    title = _("QR code with the key that is written below it")
    return site.answer(
        request,
        "admin/login_authenticator.html",
        title=_("Set up your authenticator"),
        form=form,
        inside=site.has_permission(request),
        key=second_step.typed_by_hand(key),
        qr_code=second_step.qr_code(key, issuer=site.issuer(), name=name, title=title),
    )


def _codes_page(site: Door, request: HttpRequest, codes: list[str]) -> HttpResponse:
    return site.answer(
        request, "admin/login_recovery_codes.html", title=_("Keep your recovery codes"), codes=codes
    )
