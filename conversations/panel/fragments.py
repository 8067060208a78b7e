"""What the page gets: HTML for the parts that have changed, and in the headers where it stands."""

from time import time
from typing import Any

from django.http import HttpResponse
from django.template.loader import render_to_string

from conversations import thread
from conversations.contracts import Agent
from conversations.models import Conversation
from conversations.panel.forms import PlaceForm
from conversations.panel.situation import Situation, situation_of, zone_of
from conversations.services.drafts import draft_of

PARTS = ("head", "banner", "composer")


def whole(agent: Agent) -> HttpResponse:
    """Return the panel as it stands: all parts and the end of the thread."""
    conversation = conversation_or_none(agent)
    situation = situation_of(agent, conversation)
    shown = thread.newest(conversation, zone=zone_of(agent)) if conversation else thread.Thread([])
    context = {"thread": shown, **_parts(agent, situation, seen="")}
    return _answer("panel/whole.html", context, agent, conversation, situation)


def changes(
    agent: Agent, place: PlaceForm, *, status: int = 200, refusal: str = ""
) -> HttpResponse:
    """Return what has changed since the page asked last; 204 when nothing has.

    A refusal is told with it, for it often comes from a change that the page does not know yet.
    """
    asked = place.cleaned_data if place.is_valid() else {}
    conversation = conversation_or_none(agent)
    wanted = (asked.get("sender"), asked.get("address"))
    situation = situation_of(agent, conversation, wanted=wanted)
    after, since = asked.get("after") or 0, asked.get("since") or None
    rows = (
        thread.changes(conversation, after, since=since, zone=zone_of(agent))
        if conversation and conversation.version > after
        else []
    )
    parts = _parts(agent, situation, seen=asked.get("seen") or "")
    if not rows and not parts and not refusal:
        answer = HttpResponse(status=204)
        return _stamped(answer, agent, conversation, situation)
    context = {"rows": rows, "refusal": refusal, **parts}
    return _answer("panel/changes.html", context, agent, conversation, situation, status=status)


def earlier(agent: Agent, before: str) -> HttpResponse:
    """Return the rows before a place."""
    conversation = conversation_or_none(agent)
    if conversation is None:
        return HttpResponse(status=404)
    shown = thread.earlier(conversation, before, zone=zone_of(agent))
    return HttpResponse(render_to_string("panel/earlier.html", {"thread": shown}))


def conversation_or_none(agent: Agent) -> Conversation | None:
    """Read it before its rows: what changes in between is asked for again, and never missed."""
    found = Conversation.objects.select_related("customer").filter(issue_id=agent.issue_id)
    return found.first()


def _parts(agent: Agent, situation: Situation, *, seen: str) -> dict[str, Any]:
    """Return those of head, banner and composer that look other than what the page has seen."""
    known = seen.split(".") if seen else []
    known += [""] * (len(PARTS) - len(known))
    fresh = zip(PARTS, situation.fingerprints, known, strict=False)
    changed = {part: getattr(situation, part) for part, mark, had in fresh if mark != had}
    if "composer" in changed and situation.composer.kind == "form":
        changed["draft"] = draft_of(agent)
    return changed


def _answer(
    template: str,
    context: dict[str, Any],
    agent: Agent,
    conversation: Conversation | None,
    situation: Situation,
    *,
    status: int = 200,
) -> HttpResponse:
    answer = HttpResponse(render_to_string(template, context), status=status)
    return _stamped(answer, agent, conversation, situation)


def _stamped(
    answer: HttpResponse, agent: Agent, conversation: Conversation | None, situation: Situation
) -> HttpResponse:
    answer.headers["X-Cursor"] = str(conversation.version if conversation else 0)
    answer.headers["X-Conversation"] = str(conversation.pk if conversation else 0)
    answer.headers["X-State"] = situation.state.value
    answer.headers["X-Seen"] = ".".join(situation.fingerprints)
    answer.headers["X-Zone"] = str(zone_of(agent))
    answer.headers["X-Now"] = str(int(time() * 1000))
    return answer
