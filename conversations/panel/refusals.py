"""With which status a refusal of the domain is answered."""

from django.http import HttpResponse

from conversations.contracts import Agent
from conversations.errors import ConfirmationNeeded, DomainError, NotFound, TooOften
from conversations.panel import fragments
from conversations.panel.forms import PlaceForm
from conversations.phone_numbers import NumberProblem

QUESTION_AT = "#question"
FORBIDDEN = {"read-only"}
# Refused for what was typed or chosen, not for what the conversation has become.
UNSENDABLE = {
    "empty",
    "control-character",
    "lone-surrogate",
    "too-long",
    "too-many-parts",
    "too-many-bytes",
    "template-values",
    "not-filled-in",
    "text-only",
    "file-empty",
    "file-type",
    "file-disguised",
    "file-too-large",
    "too-many-files",
    "no-quotes",
    "not-a-text",
    "quoted-elsewhere",
    "wrong-count",
    "same-titles",
    "emoji-in-button",
    "bad-latitude",
    "bad-longitude",
    "bad-email",
    *NumberProblem,
}


def status_of(refused: DomainError) -> int:
    if isinstance(refused, NotFound):
        return 404
    if isinstance(refused, TooOften):
        return 429
    if refused.code in FORBIDDEN:
        return 403
    return 422 if refused.code in UNSENDABLE else 409


def refusal(agent: Agent, place: PlaceForm, refused: DomainError) -> HttpResponse:
    """Return what has changed, with the reason: it often comes from a change not yet shown.

    What only has to be confirmed is asked in a dialog; X-Ask names the code to come back with.
    """
    if not isinstance(refused, ConfirmationNeeded):
        return fragments.changes(agent, place, status=status_of(refused), refusal=str(refused))
    asked = fragments.changes(
        agent, place, status=status_of(refused), refusal=str(refused), refusal_at=QUESTION_AT
    )
    asked.headers["X-Ask"] = refused.code
    return asked
