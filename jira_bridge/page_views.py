"""What the app's pages in Jira call: through Forge, with the user's own token."""

import json
from dataclasses import dataclass, replace
from datetime import timedelta
from time import monotonic
from typing import Any, ClassVar

from django.conf import settings
from django.db import Error
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrPromise
from rest_framework.request import Request
from rest_framework.response import Response

from conversations import reach
from conversations.contracts import Agent
from conversations.direction import kept_to_itself
from conversations.errors import PermanentFailure, TemporaryFailure
from conversations.languages import language_of
from conversations.models import AgentProfile
from conversations.services import known_requests
from conversations.storable import storable
from jira_bridge import panel_session, statuses
from jira_bridge.auth import ForgeCaller
from jira_bridge.budget import in_words
from jira_bridge.client import JiraClient
from jira_bridge.installation import meet
from jira_bridge.permissions import profile_of, rights_on, user_client
from jira_bridge.views import ForgeView, body_of, refused
from logins.rate_limits import Limit, spend
from tenants.context import tenant_context
from tenants.models import Installation, Site

# Seconds; Forge itself gives up after 25.
LOOK_TIMEOUT = 3.0
NO_LOOK_AFTER = 14.0
BETWEEN_LOOKS = 2.0
# Of one user: each may ask Jira several times, whose limit all sites share.
CALLS = Limit("page-calls", most=300, window=timedelta(minutes=1))
LONGEST_TITLE = 120  # of another request: it travels with every question of the page

# Of this process only: a row to share it would cost more than the few looks more that it saves.
_looked_at: dict[tuple[str, str], float] = {}


class PageView(ForgeView):
    """A route for pages that asks Jira as the user, and says in words why it cannot now."""

    switched_off: ClassVar[StrPromise]  # says whom to ask about it
    without_database = ""  # the shell has words of its own for it, in its reader's language

    def post(self, request: Request) -> Response:
        caller = self.caller(request)
        with translation.override(language_of(str(_said(request).get("locale")))):
            return self._post(request, caller)

    def _post(self, request: Request, caller: ForgeCaller) -> Response:
        installation = meet(caller)
        site = installation.site
        if site.state == Site.State.INSTALLING:
            return refused(503, _("OmniChat is still being set up on this site. Try again soon."))
        if site.state != Site.State.ACTIVE:
            return refused(503, str(self.switched_off))
        try:
            with tenant_context(site):
                if wait := spend(CALLS, caller.account_id):
                    words = _("You have opened this very often just now. Wait a minute.")
                    return refused(429, words, retry_after=wait)
                return self.answer(request, caller, installation)
        except (TemporaryFailure, PermanentFailure) as failure:
            return refused(503, in_words(failure))

    def answer(self, request: Request, caller: ForgeCaller, installation: Installation) -> Response:
        """Answer inside the caller's active site."""
        raise NotImplementedError


class SessionView(PageView):
    """The shell asks for a panel session: who the user is and may do is asked of Jira now."""

    switched_off = gettext_lazy("OmniChat is switched off on this site. Ask your Jira admin.")

    def answer(self, request: Request, caller: ForgeCaller, installation: Installation) -> Response:
        if not caller.issue_id or not caller.account_id:
            return refused(403, _("OmniChat opens on a request only."))
        client = user_client(caller, installation)
        clock = _Clock(monotonic())
        rights = rights_on(client, caller.issue_id)
        if not rights.may_see:
            return refused(403, _("You cannot see this request."))
        profile = profile_of(client, caller.account_id)
        other, title = _other_request(client, caller.issue_id, clock)
        agent = Agent(
            schema_name=installation.site.schema_name,
            account_id=caller.account_id,
            name=profile.name,
            issue_id=caller.issue_id,
            issue_key=caller.issue_key,
            may_reply=rights.may_reply,
            time_zone=profile.time_zone,
            reporter_account_id=_look(client, caller.issue_id) if clock.in_time() else "",
            other_issue_id=other,
            other_issue_title=title,
            may_administer=rights.may_administer,
        )
        return Response(
            {
                "token": panel_session.issue(agent),
                "expires_in": panel_session.LIFETIME_SECONDS,
                "panel_url": f"{settings.APP_URL}{_page(request)}?lang={_language(profile)}",
                "stream_url": settings.STREAM_URL,
                "issue_id": caller.issue_id,
            }
        )


class ChangedView(ForgeView):
    """Jira told the page that the request has changed: it is read with the user's own token.

    Whoever may not see it learns nothing, and Jira's failures are not the page's concern: the event
    comes anyway.
    """

    def post(self, request: Request) -> Response:
        caller = self.caller(request)
        installation = meet(caller)
        active = installation.site.state == Site.State.ACTIVE
        if active and caller.issue_id and caller.account_id:
            with tenant_context(installation.site):
                self._look_soon(caller, installation)
        return Response(status=204)

    def _look_soon(self, caller: ForgeCaller, installation: Installation) -> None:
        if not known_requests.is_ours(caller.issue_id) or spend(CALLS, caller.account_id):
            return
        if _may_look_now((installation.site.schema_name, caller.issue_id)):
            _look(user_client(caller, installation), caller.issue_id)
        else:
            # What changed just after the last look is read by the app itself, a little later.
            known_requests.ask_for_status(caller.issue_id, delay=timedelta(seconds=BETWEEN_LOOKS))


@dataclass(frozen=True)
class _Clock:
    """Since when the page waits; a question that could end too late for it is not begun."""

    began: float

    def in_time(self) -> bool:
        return monotonic() - self.began < NO_LOOK_AFTER


def _other_request(client: JiraClient, issue_id: str, clock: _Clock) -> tuple[str, str]:
    """Return the request that has the customer's messages instead, and what it is about.

    Nothing where the user is not its agent too, or Jira does not answer in time.
    """
    other = reach.other_issue_id(issue_id)
    asking = replace(client, read_timeout=LOOK_TIMEOUT)
    try:
        if not other or not clock.in_time() or not rights_on(asking, other).may_reply:
            return "", ""
    except (TemporaryFailure, PermanentFailure):
        return "", ""
    return other, _title(asking, other) if clock.in_time() else ""


def _title(client: JiraClient, issue_id: str) -> str:
    try:
        issue = client.issue(issue_id, fields=["summary"])
    except (TemporaryFailure, PermanentFailure):
        return ""
    fields = issue.get("fields")
    summary = fields.get("summary") if isinstance(fields, dict) else None
    return kept_to_itself(storable(summary))[:LONGEST_TITLE] if isinstance(summary, str) else ""


def _page(request: Request) -> str:
    return "/panel/side/" if _said(request).get("page") == "side" else "/panel/"


def _said(request: Request) -> dict[str, Any]:
    """Return what the page says of itself; what cannot be read says nothing."""
    try:
        said = json.loads(body_of(request))
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _language(profile: AgentProfile) -> str:
    return language_of(profile.language, profile.locale)


def _look(client: JiraClient, issue_id: str) -> str:
    """Take in the request's status as the user sees it; returns its reporter, if that is a person.

    Without an answer nothing is learnt.
    """
    asking = replace(client, read_timeout=LOOK_TIMEOUT)
    try:
        issue = asking.issue(issue_id, fields=[*statuses.FIELDS, "reporter"])
        statuses.take_news(issue_id, issue)
    except (TemporaryFailure, PermanentFailure, Error):
        return ""
    return statuses.reporter_of(issue)


def _may_look_now(request: tuple[str, str]) -> bool:
    """Whether nobody has looked at a request just now; who asks has."""
    now = monotonic()
    for looked, at in list(_looked_at.items()):
        if now - at >= BETWEEN_LOOKS:
            _looked_at.pop(looked, None)
    if request in _looked_at:
        return False
    _looked_at[request] = now
    return True
