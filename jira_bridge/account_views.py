"""Who the customer of a request is in Jira: agents look for the account, and link it."""

from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from conversations.contracts import Agent
from conversations.errors import DomainError, NotFound, PermanentFailure, TemporaryFailure
from conversations.panel.access import for_agent
from conversations.panel.side_views import side_changes
from conversations.services.accounts import link_account
from jira_bridge.budget import in_words
from jira_bridge.client import JiraClient
from jira_bridge.tokens import app_client

SHORTEST_QUERY = 2
LONGEST_QUERY = 100
MOST_FOUND = 10
TIMEOUT = 6.0  # seconds: somebody is waiting
PEOPLE = {"atlassian", "customer"}  # neither apps nor bots
NOT_THERE = {"400", "404"}


@dataclass(frozen=True)
class Account:
    """One person in Jira; the address is empty where they do not show it."""

    account_id: str
    name: str
    address: str


@require_POST  # a name or an address has no place in the URL, which proxies write down
@for_agent
def accounts(request: HttpRequest, agent: Agent) -> HttpResponse:
    """Those whose name or address begins with what was typed."""
    query = request.POST.get("q", "").strip()[:LONGEST_QUERY]
    if not agent.may_reply:
        return _said(_("You can read this conversation but not change it."), status=403)
    if len(query) < SHORTEST_QUERY:
        return _said(_("Type at least two characters."), status=422)
    try:
        found = _client().find_users(query, limit=MOST_FOUND)
    except TemporaryFailure as failure:
        return _said(in_words(failure), status=503)
    except PermanentFailure:
        return _said(_("Jira refuses the search. Ask your Jira admin."), status=502)
    people = [account for each in found if (account := _account(each))][:MOST_FOUND]
    return _answer(people, "" if people else _("Nobody found. Try another name or address."))


@require_POST
@for_agent
def account(request: HttpRequest, agent: Agent) -> HttpResponse:
    """Link one of them, whom Jira is asked for once more; the side panel as it is then."""
    try:
        person = _person(request.POST.get("account", ""))
        link_account(agent, account_id=person.account_id, name=person.name)
    except TemporaryFailure as failure:
        return _said(in_words(failure), status=503)
    except NotFound as refused:
        return _said(str(refused), status=404)
    except DomainError as refused:
        return _said(str(refused), status=403 if refused.code == "read-only" else 409)
    return side_changes(agent, seen=request.POST.get("seen", ""), holding=True)


def _person(account_id: str) -> Account:
    """Return the account of this id. Raises NotFound and TemporaryFailure."""
    try:
        found = _account(_client().user(account_id)) if account_id else None
    except PermanentFailure as failure:
        if failure.code not in NOT_THERE:
            raise TemporaryFailure(str(failure)) from failure
        found = None
    if found is None or found.account_id != account_id:
        raise NotFound(_("Jira does not know this account any more. Search again."))
    return found


def _client() -> JiraClient:
    return replace(app_client(spare=True), read_timeout=TIMEOUT)


def _account(user: dict[str, Any]) -> Account | None:
    account_id, kind = user.get("accountId"), user.get("accountType")
    if not account_id or kind not in PEOPLE or user.get("active") is False:
        return None
    name, address = str(user.get("displayName") or ""), str(user.get("emailAddress") or "")
    return Account(str(account_id), name or address or str(account_id), address)


def _said(words: str, *, status: int) -> HttpResponse:
    return _answer([], words, status=status)


def _answer(found: list[Account], words: str, *, status: int = 200) -> HttpResponse:
    page = render_to_string("panel/side/accounts.html", {"accounts": found, "words": words})
    return HttpResponse(page, status=status)
