"""What the pages about the console's users share: a title, a question, a change that is refused."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from conversations.admin.site import console
from conversations.admin.user_rows import Row, users_shown
from conversations.moments import written
from logins.models import Invitation
from logins.people import LastOwner
from tenants.context import current_site


def row_of(request: HttpRequest, user_id: int) -> Row:
    user = get_object_or_404(users_shown(), pk=user_id)
    return Row(user, is_me=user_id == request.user.pk)


def page(request: HttpRequest, template: str, *, title: str, **context: Any) -> TemplateResponse:
    """Show a page below the list of users."""
    request.current_app = console.name
    everything = {
        **console.each_context(request),
        "title": title,
        "crumbs": [(_("Users and roles"), reverse("admin:users"))],
        **context,
    }
    return TemplateResponse(request, template, everything)


def ask(
    request: HttpRequest,
    row: Row,
    *,
    title: str,
    sentences: list[str],
    button: str,
    dangerous: bool = False,
    form: forms.Form | None = None,
) -> TemplateResponse:
    """Ask before something is done to a user."""
    return page(
        request,
        "admin/confirm.html",
        title=title,
        sentences=sentences,
        button=button,
        dangerous=dangerous,
        form=form or forms.Form(),
        back_url=_address(row.user),
        crumbs=[(_("Users and roles"), reverse("admin:users")), (row.name, _address(row.user))],
    )


def change(request: HttpRequest, row: Row, do: Callable[[], str]) -> HttpResponse:
    """Change something about a user and say what `do` says, unless no owner would be left."""
    try:
        with transaction.atomic():
            said = do()
    except LastOwner:
        return refuse(request, row)
    messages.success(request, said)
    there = User.objects.filter(pk=row.user.pk).exists()
    return HttpResponseRedirect(_address(row.user) if there else reverse("admin:users"))


def refuse(request: HttpRequest, row: Row) -> HttpResponse:
    """Say that an owner must remain."""
    refusal = _("This is the only owner who can come in. Make somebody else an owner first.")
    messages.error(request, refusal)
    return HttpResponseRedirect(_address(row.user))


def show_link(request: HttpRequest, user: User, token: str) -> TemplateResponse:
    """Show an invitation's link, which nobody can read again."""
    invitation = Invitation.objects.get(user=user)
    return page(
        request,
        "admin/user_link.html",
        title=_("Invitation for %(name)s") % {"name": user.get_full_name() or user.get_username()},
        link=f"{current_site().console_url}invitation/{token}/",
        until=written(invitation.expires_at),
        back_url=_address(user),
    )


def _address(user: User) -> str:
    return reverse("admin:user_details", args=[user.pk])
