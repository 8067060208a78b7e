"""The way from Jira's settings into the console: a link for one admin, once, within a minute."""

from datetime import timedelta
from hashlib import sha256
from secrets import token_urlsafe

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
from logins.roles import Role, give_role
from tenants.models import Installation, Site

LIFETIME = timedelta(seconds=60)
KEPT = timedelta(days=1)  # after its end, so that a second use is told from a wrong address


class ConsoleLinkView(PageView):
    """The admin page asks for a way in: Jira says now, by the user's token, who is an admin."""

    switched_off = gettext_lazy("OmniChat is switched off on this site. Ask its operator.")

    def answer(self, request: Request, caller: ForgeCaller, installation: Installation) -> Response:
        if not caller.account_id or not caller.user_token:
            return refused(403, _("Only Jira administrators can open the console."))
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
            "title": "This link does not open the console",
            "is_nav_sidebar_enabled": False,  # who stands outside sees no pages
        }
        answer = render(request, "admin/entry_refused.html", context, status=403)
    answer["Referrer-Policy"] = "no-referrer"
    return answer


def _link_for(client: JiraClient, caller: ForgeCaller, site: Site) -> Response:
    if ADMINISTER not in client.permissions([ADMINISTER]):
        return refused(403, _("Only Jira administrators can open the console."))
    name = profile_of(client, caller.account_id).name
    token, now = token_urlsafe(32), timezone.now()
    ConsoleLink.objects.filter(expires_at__lt=now - KEPT).delete()
    ConsoleLink.objects.create(
        digest=_digest(token),
        account_id=caller.account_id,
        name=name,
        expires_at=now + LIFETIME,
    )
    return Response({"url": f"{site.console_url}enter/{token}/"})


def _user_of(link: ConsoleLink) -> User | None:
    """Return the console's user for a Jira admin, made if need be; None for one switched off."""
    first, _space, last = link.name.partition(" ")
    names = {"first_name": first[:150], "last_name": last.strip()[:150]}
    user, created = User.objects.get_or_create(username=link.account_id, defaults=names)
    if not user.is_active:
        return None
    if created:
        user.set_unusable_password()
    for field, value in names.items():
        setattr(user, field, value)
    user.save()
    person, _made = Person.objects.get_or_create(
        user=user, defaults={"role_from": Person.RoleFrom.JIRA}
    )
    if person.role_from == Person.RoleFrom.JIRA:
        give_role(user, Role.OWNER)
    return user


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()
