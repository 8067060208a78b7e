"""Who the operators are: users of the public schema, invited by a link, switched off by another."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.validators import RegexValidator
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from django.views.decorators.cache import never_cache

from conversations.admin.lozenges import lozenge
from conversations.moments import ago
from logins import invitations, sessions
from logins.models import Authenticator, Invitation
from omnichat.operators import history
from omnichat.operators.site import OPERATORS, operators, record

is_name = RegexValidator(
    r"^[\w.@-]{1,150}\Z", gettext_lazy("Use letters, digits and the signs . _ - @ only.")
)


class LastOperator(Exception):
    """Without this one nobody could enter any more."""


class NameForm(forms.Form):
    """Whom to invite."""

    name = forms.CharField(
        label=pgettext_lazy("person", "Name"),
        max_length=150,
        validators=[is_name],
        help_text=gettext_lazy("What they type to log in, such as olga or olga@example.com."),
    )


def all_operators() -> QuerySet[User]:
    """Return everybody who is or was an operator, with what they lack to come in."""
    mine = Authenticator.objects.filter(user=OuterRef("pk"), confirmed=True)
    open_ = Invitation.objects.filter(user=OuterRef("pk"), expires_at__gt=timezone.now())
    found = User.objects.filter(is_superuser=True).select_related("person", "invitation")
    return found.annotate(has_second_step=Exists(mine), is_invited=Exists(open_)).order_by(
        "-is_active", "username"
    )


@transaction.atomic
def invite(name: str, *, by: str) -> str:
    """Return a link for an operator, made if there is none of this name.

    Until it is used nobody comes in by that name. Call it in the public schema. Raises
    ValidationError for what is no name.
    """
    is_name(name)
    user, _made = User.objects.get_or_create(
        username=name, defaults={"is_superuser": True, "is_staff": True}
    )
    user = User.objects.select_for_update().get(pk=user.pk)
    user.is_active = user.is_superuser = user.is_staff = True
    user.save(update_fields=["is_active", "is_superuser", "is_staff"])
    token = invitations.invite(user, by=by)
    record("invited", by=by, operator=name)
    return operators.address("invitation", token)


@transaction.atomic
def switch(user_id: int, *, active: bool, by: str) -> None:
    """Let an operator in or not; their sessions end. Raises LastOperator."""
    # All of them: of two who switch each other off at once, the second is refused.
    everybody = list(User.objects.select_for_update().filter(is_superuser=True).order_by("pk"))
    user = next((each for each in everybody if each.pk == user_id), None)
    if user is None:
        raise Http404
    others = [each for each in everybody if each.is_active and each.pk != user_id]
    if not active and not any(each.has_usable_password() for each in others):
        raise LastOperator
    user.is_active = active
    user.save(update_fields=["is_active"])
    sessions.end_all(user)
    record("switched-on" if active else "switched-off", by=by, operator=user.username)


@operators.page("operators/")
def operators_page(request: HttpRequest) -> HttpResponse:
    """Show who may come in here, and invite somebody."""
    form = NameForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if User.objects.filter(username=form.cleaned_data["name"]).exists():
            form.add_error("name", _("There is an operator of this name already."))
        else:
            return _show_link(request, form.cleaned_data["name"])
    return operators.show(
        request,
        "operator/operators.html",
        title=_("Operators"),
        people=[_shown(user, request) for user in all_operators()],
        history=history.of(OPERATORS),
        form=form,
    )


@operators.page("operators/<int:user_id>/invite/")
def invite_again(request: HttpRequest, user_id: int) -> HttpResponse:
    """Ask, then make a new link for an operator; what they had opens nothing any more."""
    user = _operator(user_id)
    if request.method == "POST" and user.pk == request.user.pk:
        messages.error(request, _("That would lock you out. Change your password instead."))
        return _back()
    if request.method == "POST":
        return _show_link(request, user.username)
    return _question(
        request,
        title=_("Invite %(name)s again?") % {"name": user.username},
        sentences=[
            _(
                "Their password, authenticator and recovery codes stop working at once, and they"
                " are logged out. A new link lets them set both up again."
            )
        ],
        button=_("Invite again"),
    )


@operators.page("operators/<int:user_id>/switch-off/")
def switch_off(request: HttpRequest, user_id: int) -> HttpResponse:
    """Ask, then let an operator in no more."""
    user = _operator(user_id)
    if request.method == "POST":
        return _switch(request, user, active=False)
    return _question(
        request,
        title=_("Switch %(name)s off?") % {"name": user.username},
        sentences=[_("They are logged out and cannot log in until they are switched on again.")],
        button=_("Switch off"),
        dangerous=True,
    )


@operators.page("operators/<int:user_id>/switch-on/")
def switch_on(request: HttpRequest, user_id: int) -> HttpResponse:
    """Ask, then let an operator in again, with what they logged in by before."""
    user = _operator(user_id)
    if request.method == "POST":
        return _switch(request, user, active=True)
    return _question(
        request,
        title=_("Switch %(name)s on?") % {"name": user.username},
        sentences=[_("They can log in again, with the password and authenticator they had.")],
        button=_("Switch on"),
    )


def _shown(user: Any, request: HttpRequest) -> dict[str, Any]:
    """Return a row of the list, for a user that was read by `all_operators`."""
    if not user.is_active:
        state = lozenge(_("Switched off"))
    elif user.is_invited:
        state = lozenge(_("Invited"), "info")
    elif user.has_usable_password():
        state = lozenge(_("Active"), "success")
    else:
        state = lozenge(_("Invitation ended"), "warning")
    person = getattr(user, "person", None)
    return {
        "pk": user.pk,
        "name": user.username,
        "is_active": user.is_active,
        "is_you": user.pk == request.user.pk,
        "state": state,
        "second_step": pgettext("state", "Set up") if user.has_second_step else _("Missing"),
        "seen": ago(person.seen_at) if person and person.seen_at else _("Never"),
    }


def _switch(request: HttpRequest, user: User, *, active: bool) -> HttpResponse:
    try:
        switch(user.pk, active=active, by=request.user.get_username())
    except LastOperator:
        messages.error(
            request, _("This is the last operator who can log in. Invite another one first.")
        )
    else:
        words = _("Switched on: %(name)s.") if active else _("Switched off: %(name)s.")
        messages.success(request, words % {"name": user.username})
    return _back()


def _show_link(request: HttpRequest, name: str) -> HttpResponse:
    """Show a new link, this once: we keep only what it is recognised by."""
    link = request.build_absolute_uri(invite(name, by=request.user.get_username()))
    return never_cache(operators.show)(
        request, "operator/invited.html", title=_("Invitation"), name=name, link=link
    )


def _question(request: HttpRequest, *, title: str, **context: object) -> HttpResponse:
    back = operators.address("operators_page")
    crumbs = [(_("Operators"), back)]
    return operators.show(
        request, "operator/confirm.html", title=title, back_url=back, crumbs=crumbs, **context
    )


def _operator(user_id: int) -> User:
    return get_object_or_404(User, pk=user_id, is_superuser=True)


def _back() -> HttpResponse:
    return HttpResponseRedirect(operators.address("operators_page"))
