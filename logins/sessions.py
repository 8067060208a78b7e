"""The session of a console: how somebody came in, whether that is enough, and when it ends."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.contrib.auth import SESSION_KEY, login, logout
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from logins.models import Authenticator, Person

# What a session remembers.
VIA, BEGAN, SEEN, ENDED = "logins.via", "logins.began", "logins.seen", "logins.ended"
LANGUAGE, TIME_ZONE = "console.language", "console.time-zone"

SEEN_EVERY = timedelta(minutes=5)  # at most so often is written down that somebody is there
SECOND_STEP_WITHIN = timedelta(minutes=15)


class Via(StrEnum):
    """How somebody proved who they are."""

    JIRA = "jira"  # by a link that Jira's own log-in stands behind
    PASSWORD = "password"  # noqa: S105 - the name of a way in; needs a second step


class Over(StrEnum):
    """Why a session has ended without a log-out."""

    AGE = "age"
    IDLE = "idle"
    HALF_WAY = "half-way"  # a password was given, and no second step after it
    SWITCHED_OFF = "switched-off"
    NO_ROLE = "no-role"


@dataclass(frozen=True)
class OpenSession:
    """Somebody who is in, in one browser."""

    key: str
    via: str
    began_at: datetime
    seen_at: datetime


def enter(request: HttpRequest, user: User, *, via: Via) -> None:
    """Begin a session of this user, in their language and time zone."""
    request.session.flush()  # nothing of whoever was here before, not even a second step
    login(request, user)
    person, _made = Person.objects.get_or_create(user=user)
    request.session[VIA] = via
    request.session[BEGAN] = timezone.now().timestamp()
    _write_seen(request, user.pk)
    for name, chosen in ((LANGUAGE, person.language), (TIME_ZONE, person.time_zone)):
        request.session.pop(name, None)
        if chosen:
            request.session[name] = chosen


def needs_second_step(request: HttpRequest) -> bool:
    """Whether somebody has given a password alone, and that is not enough."""
    user = request.user
    if not isinstance(user, User) and not user.is_authenticated:
        return False
    if request.session.get(VIA) == Via.JIRA or getattr(user, "otp_device", None):
        return False
    if user.get_username() not in settings.PASSWORD_ALONE:
        return True
    return bool(Authenticator.objects.filter(user_id=user.pk, confirmed=True).exists())


def why_over(request: HttpRequest) -> Over | None:
    """Return why the session that a request came with may not go on, None while it may."""
    if SESSION_KEY not in request.session:
        return None
    if not request.user.is_authenticated:
        return Over.SWITCHED_OFF
    now = timezone.now().timestamp()
    age = now - request.session.setdefault(BEGAN, now)
    if age >= settings.SESSION_COOKIE_AGE:
        return Over.AGE
    if now - request.session.get(SEEN, now) >= settings.SESSION_IDLE_SECONDS:
        return Over.IDLE
    if age >= SECOND_STEP_WITHIN.total_seconds() and needs_second_step(request):
        return Over.HALF_WAY
    return None


def note_seen(request: HttpRequest) -> None:
    """Write down that somebody is there, unless that was done a moment ago."""
    every = min(SEEN_EVERY.total_seconds(), settings.SESSION_IDLE_SECONDS / 4)
    if timezone.now().timestamp() - request.session.get(SEEN, 0) >= every:
        _write_seen(request, int(request.session[SESSION_KEY]))


def end(request: HttpRequest, why: Over) -> str | None:
    """End a session; returns whose it was to who ends it, and None to who comes second.

    Call it in a transaction. The log-in page says why.
    """
    key = request.session.session_key
    user = User.objects.filter(pk=request.session[SESSION_KEY]).first()
    ended, _ = Session.objects.filter(session_key=key).delete()
    logout(request)
    request.session[ENDED] = why
    return user.get_username() if ended and user else None


def end_all(user: User, *, but: str | None = None) -> int:
    """End the sessions of a user everywhere, but for one key; returns how many there were."""
    keys = [session.key for session in sessions_of(user) if session.key != but]
    return Session.objects.filter(session_key__in=keys).delete()[0]


def end_expired(record: Callable[[str], None]) -> int:
    """Remove sessions to which nobody came back, and record whose they were; returns how many."""
    removed = 0
    for row in Session.objects.filter(expire_date__lte=timezone.now()).iterator():
        with transaction.atomic():
            ended, _ = Session.objects.filter(pk=row.pk, expire_date=row.expire_date).delete()
            user = User.objects.filter(pk=row.get_decoded().get(SESSION_KEY, 0)).first()
            if ended and user is not None:
                record(user.get_username())
        removed += ended
    return removed


def sessions_of(user: User) -> list[OpenSession]:
    """Return the sessions of a user, the newest first; a site's console has few."""
    live = Session.objects.filter(expire_date__gt=timezone.now())
    kept = {row.session_key: row.get_decoded() for row in live}
    found = [
        OpenSession(key, said.get(VIA, ""), _at(said.get(BEGAN)), _at(said.get(SEEN)))
        for key, said in kept.items()
        if said.get(SESSION_KEY) == str(user.pk)
    ]
    return sorted(found, key=lambda session: session.began_at, reverse=True)


def _at(seconds: float | None) -> datetime:
    now = timezone.now()
    return now if seconds is None else datetime.fromtimestamp(seconds, tz=now.tzinfo)


def _write_seen(request: HttpRequest, user_id: int) -> None:
    now = timezone.now()
    request.session[SEEN] = now.timestamp()
    Person.objects.update_or_create(user_id=user_id, defaults={"seen_at": now})
