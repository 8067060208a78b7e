"""What the page gets: HTML for the parts that have changed, and in the headers where it stands."""

from collections.abc import Mapping
from time import time
from typing import Any

from django.http import HttpResponse
from django.template.loader import render_to_string

from conversations import thread
from conversations.contracts import Agent
from conversations.models import Conversation
from conversations.panel.banners import State
from conversations.panel.forms import PlaceForm
from conversations.panel.side_forms import Numbers
from conversations.panel.situation import Composer, Situation, situation_of, zone_of
from conversations.reach import holder_to_ask_for
from conversations.services.attention import Colleagues, colleagues_of
from conversations.services.drafts import draft_of
from conversations.services.read_marks import unread_line
from conversations.services.replies import MOST_FILES
from conversations.services.uploads import waiting_uploads
from conversations.thread_parts import file_of

PARTS = ("head", "banner", "composer")


def whole(agent: Agent) -> HttpResponse:
    """Return the panel as it stands: all parts and the end of the thread."""
    conversation = conversation_or_none(agent)
    situation = situation_of(agent, conversation)
    shown = thread.newest(conversation, zone=zone_of(agent)) if conversation else thread.Thread([])
    unread = unread_line(agent, conversation) if conversation else None
    around = {"unread": unread, "colleagues": colleagues_of(agent)}
    context = {"thread": shown, **around, **_parts(agent, situation, seen="")}
    return _answer("panel/whole.html", context, agent, conversation, situation)


def changes(
    agent: Agent,
    place: PlaceForm,
    *,
    status: int = 200,
    refusal: str = "",
    refusal_at: str = "#refusal",
    problems: Mapping[str, str] | None = None,
    numbers: Numbers | None = None,
) -> HttpResponse:
    """Return what has changed since the page asked last; 204 when nothing has.

    A refusal is told with it, for it often comes from a change that the page does not know yet;
    `problems` are of a template's variables; `numbers` is a form that was refused.
    """
    asked = place.cleaned_data if place.is_valid() else {}
    conversation = conversation_or_none(agent)
    wanted = (asked.get("sender"), asked.get("address"))
    situation = situation_of(agent, conversation, wanted=wanted)
    news = _news(agent, conversation, asked.get("after") or 0, place.screen)
    parts = _parts(agent, situation, seen=asked.get("seen") or "")
    if numbers is not None:
        parts["composer"] = Composer("numbers", numbers=numbers)
    parts |= _presence(agent, asked.get("present") or "")
    if not news.rows and not parts and not refusal:
        answer = HttpResponse(status=204)
        return stamped(answer, agent, conversation, situation.state.value, situation.fingerprints)
    if refusal_at == "#refusal" and situation.composer.kind != "form":
        refusal_at = "#refused"
    told = {"refusal": refusal, "refusal_at": refusal_at, "problems": (problems or {}).items()}
    context = {"rows": news.rows, "gone": news.gone, **told, **parts}
    return _answer("panel/changes.html", context, agent, conversation, situation, status=status)


def earlier(agent: Agent, before: str) -> HttpResponse:
    """Return the rows before a place."""
    conversation = conversation_or_none(agent)
    if conversation is None:
        return HttpResponse(status=404)
    shown = thread.earlier(conversation, before, zone=zone_of(agent))
    return HttpResponse(render_to_string("panel/earlier.html", {"thread": shown, "agent": agent}))


def conversation_or_none(agent: Agent) -> Conversation | None:
    """Read it before its rows: what changes in between is asked for again, and never missed."""
    found = Conversation.objects.select_related("customer").filter(issue_id=agent.issue_id)
    return found.first()


def _news(
    agent: Agent, conversation: Conversation | None, after: int, screen: thread.Screen
) -> thread.Changes:
    if conversation is None or conversation.version <= after:
        return thread.Changes([], [])
    return thread.changes(conversation, after, screen=screen, zone=zone_of(agent))


def _parts(agent: Agent, situation: Situation, *, seen: str) -> dict[str, Any]:
    """Return those of head, banner and composer that look other than what the page has seen."""
    known = seen.split(".") if seen else []
    known += [""] * (len(PARTS) - len(known))
    fresh = zip(PARTS, situation.fingerprints, known, strict=False)
    changed = {part: getattr(situation, part) for part, mark, had in fresh if mark != had}
    if "composer" in changed:
        changed["draft"] = draft_of(agent)
    if "composer" in changed and situation.composer.kind == "form":
        changed["uploads"] = [file_of(each) for each in waiting_uploads(agent)]
        changed["most_files"] = MOST_FILES
    return changed


def _presence(agent: Agent, mark: str) -> dict[str, Colleagues]:
    """Return who else is here if the page asks for it and shows something else."""
    if not mark:
        return {}
    colleagues = colleagues_of(agent)
    return {} if colleagues.mark == mark else {"colleagues": colleagues}


def _answer(
    template: str,
    context: dict[str, Any],
    agent: Agent,
    conversation: Conversation | None,
    situation: Situation,
    *,
    status: int = 200,
) -> HttpResponse:
    page = render_to_string(template, {**context, "agent": agent})
    answer = HttpResponse(page, status=status)
    return stamped(answer, agent, conversation, situation.state.value, situation.fingerprints)


def stamped(
    answer: HttpResponse,
    agent: Agent,
    conversation: Conversation | None,
    state: str,
    marks: list[str],
) -> HttpResponse:
    """Say in the headers where the page stands with this answer."""
    answer.headers["X-Cursor"] = str(conversation.version if conversation else 0)
    answer.headers["X-Conversation"] = str(conversation.pk if conversation else 0)
    answer.headers["X-State"] = state
    answer.headers["X-Seen"] = ".".join(marks)
    if conversation is not None and state == State.OTHER_ACTIVE:
        answer.headers["X-Unknown"] = holder_to_ask_for(agent, conversation)
    answer.headers["X-Zone"] = str(zone_of(agent))
    answer.headers["X-Now"] = str(int(time() * 1000))
    return answer
