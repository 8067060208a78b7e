"""What owners do about a user besides the role: invite again, switch off, log out, remove."""

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations.admin import trail
from conversations.admin.site import console
from conversations.admin.user_pages import ask, change, refuse, row_of, show_link
from conversations.admin.user_rows import Row
from logins import people, sessions
from logins.people import LastOwner


@console.page(
    "users/<int:user_id>/invite/", gettext_lazy("Invite again"), permission="logins.change_person"
)
def invite_user_again(request: HttpRequest, user_id: int) -> HttpResponse:
    """Give somebody a new link: a password was forgotten, or an authenticator lost."""
    row = row_of(request, user_id)
    if request.method != "POST":
        sentences = [
            _(
                "You get a new link to pass on. Until it is used, %(name)s cannot log in by"
                " password: the present password, authenticator and recovery codes open nothing"
                " any more, and their sessions end."
            )
            % {"name": row.name}
        ]
        title = _("Invite %(name)s again?") % {"name": row.name}
        return ask(request, row, title=title, sentences=sentences, button=_("Invite again"))
    try:
        with transaction.atomic():
            token = people.invite_again(row.user, by=request.user.get_username())
            _record(request, "user.invited-again", row)
    except LastOwner:
        return refuse(request, row)
    return show_link(request, row.user, token)


@console.page(
    "users/<int:user_id>/switch/", gettext_lazy("Switch off"), permission="logins.change_person"
)
def switch_user(request: HttpRequest, user_id: int) -> HttpResponse:
    """Shut somebody out, or let them in again."""
    row = row_of(request, user_id)
    on = not row.user.is_active
    if request.method != "POST":
        if on:
            title = _("Switch %(name)s on?") % {"name": row.name}
            sentences = [_("They can log in again, in the role that they had.")]
        else:
            title = _("Switch %(name)s off?") % {"name": row.name}
            sentences = [_("They are logged out and cannot come in, whatever Jira says of them.")]
        button = _("Switch on") if on else _("Switch off")
        return ask(request, row, title=title, sentences=[*sentences, *_own(row)], button=button)

    def switch() -> str:
        people.switch(row.user, on=on)
        _record(request, "user.switched-on" if on else "user.switched-off", row)
        return _("The user has been switched on.") if on else _("The user has been switched off.")

    return change(request, row, switch)


@console.page(
    "users/<int:user_id>/log-out/",
    gettext_lazy("Log out everywhere"),
    permission="logins.change_person",
)
def log_user_out(request: HttpRequest, user_id: int) -> HttpResponse:
    """End the sessions of somebody in all their browsers."""
    row = row_of(request, user_id)
    if request.method != "POST":
        title = _("Log %(name)s out everywhere?") % {"name": row.name}
        sentences = [_("They can log in again. To keep them out, switch them off.")]
        button = _("Log out everywhere")
        return ask(request, row, title=title, sentences=sentences, button=button)

    def log_out() -> str:
        ended = sessions.end_all(row.user, but=request.session.session_key)
        _record(request, "user.logged-out-everywhere", row, sessions=ended)
        return _("Their sessions have ended.")

    return change(request, row, log_out)


@console.page(
    "users/<int:user_id>/remove/", gettext_lazy("Remove"), permission="logins.delete_person"
)
def remove_user(request: HttpRequest, user_id: int) -> HttpResponse:
    """Remove somebody from the console."""
    row = row_of(request, user_id)
    if request.method != "POST":
        title = _("Remove %(name)s?") % {"name": row.name}
        sentences = [_("What they did stays in the audit log.")]
        if row.from_jira:
            sentences += [
                _(
                    "As long as they administer Jira they can come in again from there. To keep"
                    " them out, switch them off instead."
                )
            ]
        sentences += _own(row)
        button = _("Remove")
        return ask(request, row, title=title, sentences=sentences, button=button, dangerous=True)

    def remove() -> str:
        _record(request, "user.removed", row, role=row.role or "")
        people.remove(row.user)
        return _("The user has been removed.")

    return change(request, row, remove)


def _own(row: Row) -> list[str]:
    return [_("This is you: only another owner can let you in again.")] if row.is_me else []


def _record(request: HttpRequest, action: str, row: Row, **detail: Any) -> None:
    trail.record(request, action, subject=row.user, user=row.user.get_username(), **detail)
