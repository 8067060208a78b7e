"""The page for when nothing else can be shown: needs no database, session or script.

It says what is wrong in its reader's language, and goes away by itself.
"""

import sys
from base64 import b64encode
from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

RETRY_SECONDS = 10
# What is apart for longer was two outages.
ONE_OUTAGE = timedelta(minutes=1)
# What a server that goes, comes or is full says itself; the states of all else that it refuses,
# a question that took too long among them, are answers.
NO_ANSWER = ("08", "53300", "57P0")
STYLE = (Path(__file__).parent / "static/outage/page.css").read_text()
STYLE_HASH = b64encode(sha256(STYLE.encode()).digest()).decode()


class _Seen:
    """Since when this process has been without its database."""

    since: datetime | None = None
    last: datetime | None = None


def failed(request: HttpRequest) -> HttpResponse:
    """Answer a request that failed: 503 without the database, 500 for a defect of ours."""
    raised = sys.exc_info()[1]
    down = _is_down(raised)
    if "text/html" not in request.headers.get("Accept", ""):
        words = "no database" if down else "failed"
        return _with_headers(HttpResponse(words, content_type="text/plain"), request, down=down)
    language = translation.get_language_from_request(request)
    with translation.override(language):
        page = render_to_string(
            "outage.html",
            {
                "language": language,
                "direction": "rtl" if translation.get_language_bidi() else "ltr",
                "title": _title(down=down),
                "paragraphs": list(_paragraphs(request, down=down)),
                "since": _since() if down else "",
                "retry": RETRY_SECONDS if down and request.method == "GET" else 0,
                "style": mark_safe(STYLE),  # noqa: S308 - a file of ours
            },
        )
    return _with_headers(HttpResponse(page), request, down=down)


def _is_down(raised: BaseException | None) -> bool:
    if not isinstance(raised, OperationalError | InterfaceError):
        return False
    state = getattr(raised.__cause__, "sqlstate", None)
    return state is None or state.startswith(NO_ANSWER)


def _title(*, down: bool) -> str:
    return _("OmniChat is interrupted") if down else _("Something went wrong")


def _paragraphs(request: HttpRequest, *, down: bool) -> Iterator[str]:
    if not down:
        yield _("This is a fault of ours, and it is on record.")
        if request.method != "GET":
            # Some of it may be committed: its failure came at any point.
            yield _("Part of what you have just sent may be saved: look before you send it again.")
        yield _("Go back and try again. If it happens again, tell whoever runs OmniChat.")
        return
    yield _(
        "Its database cannot be reached. What customers write now is kept by the provider and"
        " comes in afterwards, and what waits to leave is not lost."
    )
    if request.method == "GET":
        yield _("This page tries again every ten seconds, by itself.")
    else:
        yield _(
            "What you have just sent was not saved. Go back in a moment, where your browser still"
            " has what you typed, and send it again."
        )
    if request.path_info.startswith("/operator/"):
        yield _("What to do: “Database down” in docs/operations.md.")


def _since() -> str:
    now = timezone.now()
    if _Seen.since is None or _Seen.last is None or now - _Seen.last > ONE_OUTAGE:
        _Seen.since = now
    _Seen.last = now
    return _("Noticed at %(time)s UTC.") % {"time": f"{_Seen.since:%H:%M}"}


def _with_headers(response: HttpResponse, request: HttpRequest, *, down: bool) -> HttpResponse:
    response.status_code = 503 if down else 500
    if down:
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    panel = request.path_info.startswith("/panel/")
    ancestors = " ".join(settings.PANEL_FRAME_ANCESTORS) if panel else "'none'"
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; base-uri 'none'; form-action 'none';"
        f" frame-ancestors {ancestors}"
    )
    response.headers["Cache-Control"] = "no-store"
    return response
