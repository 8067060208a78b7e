"""Who may ask: whoever holds a session for this very request."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt

from conversations.contracts import Agent
from conversations.languages import language_of

AgentView = Callable[Concatenate[HttpRequest, Agent, ...], HttpResponse]
GuardedView = Callable[..., HttpResponse]


def speaking(language: str) -> translation.override:
    """Answer in a language: the page names the one that its document was made in."""
    return translation.override(language_of(language))


def for_agent(view: AgentView) -> GuardedView:
    """Call the view with the agent: 401 without a session, 404 when it is for another request.

    The site is the session's, entered by the middleware that set `request.agent`.
    """

    # No cookie says who asks, so there is nothing that a forged form could ride on.
    @csrf_exempt
    @wraps(view)
    def guarded(request: HttpRequest, issue_id: str, **others: Any) -> HttpResponse:
        agent: Agent | None = getattr(request, "agent", None)
        if agent is None:
            return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
        if agent.issue_id != issue_id:
            return HttpResponse(status=404)
        with speaking(request.headers.get("Accept-Language", "")):
            response = view(request, agent, **others)
        response.headers["Cache-Control"] = "no-store"
        return response

    return guarded
