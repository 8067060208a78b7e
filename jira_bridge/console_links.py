"""The way from Jira's settings into the console: a link for one admin, once, within a minute."""

from datetime import timedelta
from hashlib import sha256
from secrets import token_urlsafe

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from rest_framework.request import Request
from rest_framework.response import Response

from conversations import audit
from conversations.admin import trail
from conversations.admin.site import console
from jira_bridge.auth import ForgeCaller
from jira_bridge.client import JiraClient
from jira_bridge.models import ConsoleLink
from jira_bridge.page_views import PageView
from jira_bridge.permissions import ADMINISTER, profile_of, user_client
from jira_bridge.views import refused
from logins import sessions
from logins.models import Person
from logins.roles import Role, give_role, role_of
from tenants.models import Installation, Site

LIFETIME = timedelta(seconds=60)
ONLY = gettext_lazy(
    "Only Jira administrators, and people who were given a role in the console, can open it."
)
KEPT = timedelta(days=1)  # after its end, so that a second use is told from a wrong address


class ConsoleLinkView(PageView):
    """The admin page asks for a way in: Jira says now, by the user's token, who is an admin."""

    switched_off = gettext_lazy("OmniChat is switched off on this site. Ask its operator.")

    def answer(self, request: Request, caller: ForgeCaller, installation: Installation) -> Response:
        if not caller.account_id or not caller.user_token:
            return refused(403, str(ONLY))
        return _link_for(user_client(caller, installation), caller, installation.site)


@require_GET  # not HEAD: what looks a link up in advance must not use it up
@never_cache
def enter(request: HttpRequest, token: str) -> HttpResponse:
    """Let the admin in whom a link was made for; the link is used up by that."""
    user = None
    with transaction.atomic():
        link = ConsoleLink.objects.redeem(_digest(token), timezone.now())
        if link is not None:
            user = _user_of(link)
        if user is not None:
            sessions.enter(request, user, via=sessions.Via.JIRA)
            trail.record(request, "console.logged-in", via="jira")
    if user is not None:
        answer: HttpResponse = redirect("admin:index")
    else:
        context = {
            **console.each_context(request),
            "title": _("This link does not open the console"),
            "is_nav_sidebar_enabled": False,  # who stands outside sees no pages
        }
        answer = render(request, "admin/entry_refused.html", context, status=403)
    answer["Referrer-Policy"] = "no-referrer"
    return answer


def _link_for(client: JiraClient, caller: ForgeCaller, site: Site) -> Response:
    administers = ADMINISTER in client.permissions([ADMINISTER])
    if not administers and not _has_role_here(caller.account_id):
        return refused(403, str(ONLY))
    name = profile_of(client, caller.account_id).name
    token, now = token_urlsafe(32), timezone.now()
    ConsoleLink.objects.filter(expires_at__lt=now - KEPT).delete()
    ConsoleLink.objects.create(
        digest=_digest(token),
        account_id=caller.account_id,
        name=name,
        administers=administers,
        expires_at=now + LIFETIME,
    )
    return Response({"url": f"{site.console_url}enter/{token}/"})


def _has_role_here(account_id: str) -> bool:
    """Whether an owner gave a role to somebody who administers nothing in Jira (any more).

    What Jira alone had given them ends with that.
    """
    user = User.objects.filter(username=account_id).first()
    if user is None or not user.is_active:
        return False
    from_jira = Person.objects.filter(user=user, role_from=Person.RoleFrom.JIRA).exists()
    if from_jira and role_of(user) is not None:
        with transaction.atomic():
            _give(user, None)
    return role_of(user) is not None


def _user_of(link: ConsoleLink) -> User | None:
    """Return the console's user that a link is for, made if need be; None if it admits nobody.

    Who administers Jira is an owner, unless an owner gave them another role here.
    """
    first, _space, last = link.name.partition(" ")
    names = {"first_name": first[:150], "last_name": last.strip()[:150]}
    if link.administers:
        new = {**names, "password": make_password(None)}  # nobody's
        User.objects.get_or_create(username=link.account_id, defaults=new)
    user = User.objects.filter(username=link.account_id, is_active=True).first()
    if user is None:
        return None
    for field, value in names.items():
        setattr(user, field, value)
    user.save(update_fields=list(names))
    person, _made = Person.objects.get_or_create(
        user=user, defaults={"role_from": Person.RoleFrom.JIRA}
    )
    if person.role_from == Person.RoleFrom.JIRA:
        _give(user, Role.OWNER if link.administers else None)
    return user if role_of(user) is not None else None


def _give(user: User, role: Role | None) -> None:
    """Give a user the role that Jira stands for, and record it if that changes anything."""
    before = role_of(user)
    if before == role:
        return
    give_role(user, role)
    audit.record(
        "user.role-changed",
        actor_kind=audit.Actor.JIRA,
        subject=user,
        user=user.get_username(),
        before=before or "",
        after=role or "",
    )


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()
