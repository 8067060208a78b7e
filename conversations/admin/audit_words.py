"""The audit log in words: who did what, on what, and what came out."""

import json
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from django.apps import apps
from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations.admin import event_words, people
from conversations.admin.lozenges import Level, lozenge
from conversations.contracts import FailureKind
from conversations.failures import REASONS
from conversations.models import AuditEvent

WHAT = {
    **event_words.WHAT,
    "audit.checked": gettext_lazy("Audit log checked"),
    "audit.check-asked": gettext_lazy("Check of the audit log asked for"),
    "audit.exported": gettext_lazy("Audit log exported"),
    "audit.removed": gettext_lazy("Old events of the audit log removed"),
    "console.authenticator-set": gettext_lazy("Authenticator app set up"),
    "console.invitation-used": gettext_lazy("Invitation used"),
    "console.logged-in": gettext_lazy("Logged in to the console"),
    "console.logged-out": gettext_lazy("Logged out of the console"),
    "console.logged-out-everywhere": gettext_lazy("Logged out everywhere"),
    "console.login-failed": gettext_lazy("Log-in to the console refused"),
    "console.password-changed": gettext_lazy("Password changed"),
    "console.recovery-code-used": gettext_lazy("Recovery code used"),
    "console.recovery-codes-made": gettext_lazy("Recovery codes made"),
    "console.second-step-failed": gettext_lazy("Second step refused"),
    "console.session-ended": gettext_lazy("Session ended"),
    "console.user-admitted": gettext_lazy("Console user made"),
    "consent.recorded": gettext_lazy("Consent recorded"),
    "conversation.emptied": gettext_lazy("Texts and files of a conversation removed"),
    "customer.erased": gettext_lazy("Customer erased"),
    "customer.erasure-done": gettext_lazy("Erasure of a customer finished"),
    "customer.identity-confirmation-asked": gettext_lazy("New WhatsApp account being confirmed"),
    "customer.merged": gettext_lazy("Two customers merged by an admin"),
    "customers.exported": gettext_lazy("Customers exported"),
    "customers.imported": gettext_lazy("Customers imported"),
    "inbox.opened": gettext_lazy("Raw entry opened, masked"),
    "inbox.retried": gettext_lazy("Quarantined entries tried again"),
    "inbox.revealed": gettext_lazy("Raw entry opened whole"),
    "number.deleted": gettext_lazy("Number deleted"),
    "outbox.retried": gettext_lazy("Outgoing entries tried again"),
    "provider.asked-for-missed": gettext_lazy("Provider asked for missed messages"),
    "provider.reconciled": gettext_lazy("Missed messages and reports fetched"),
    "provider.test-sent": gettext_lazy("Test message sent"),
    "provider.tested": gettext_lazy("Provider account tested"),
    "raw.removed": gettext_lazy("Old raw entries removed"),
    "settings.changed": gettext_lazy("Setting changed"),
    "template.changed": gettext_lazy("Template changed"),
    "template.deleted": gettext_lazy("Template deleted"),
    "template.submitted": gettext_lazy("Template submitted"),
    "report.exported": gettext_lazy("Report exported"),
    "user.invited": gettext_lazy("Console user invited"),
    "user.invited-again": gettext_lazy("Console user invited again"),
    "user.logged-out-everywhere": gettext_lazy("Console user logged out everywhere"),
    "user.removed": gettext_lazy("Console user removed"),
    "user.switched-off": gettext_lazy("Console user switched off"),
    "user.switched-on": gettext_lazy("Console user switched on"),
    "user.role-changed": gettext_lazy("Role changed"),
    "webhook.subscribed": gettext_lazy("Webhook subscribed at the provider"),
    "webhook.unsubscribed": gettext_lazy("Webhook unsubscribed at the provider"),
}
RESULTS: dict[str, Any] = {
    "whole": gettext_lazy("Whole"),
    "broken": gettext_lazy("Broken"),
    "ok": gettext_lazy("Fine"),
    "done": gettext_lazy("Done"),
    "accepted": gettext_lazy("Accepted"),
    "refused": gettext_lazy("Refused"),
    "failed": gettext_lazy("Failed"),
    "unreached": gettext_lazy("Not reached"),
}
GOOD = frozenset({"whole", "ok", "done", "accepted", "stored", "success", "passed", "working"})
LONGEST_VALUE = 60  # characters in the list; the event's own page has all of it
APART = frozenset({"source", "fields"})  # said elsewhere in the row
FOR_MACHINES = frozenset({"version", "send"})  # whole on the event's own page and in exports


def what(event: AuditEvent) -> str:
    """Return what happened; an action without words of its own as it is recorded."""
    words = str(WHAT.get(event.action, event.action))
    return words % {"channel": event.get_channel_display()} if "%(" in words else words


def action_in_words(action: str) -> str:
    """Return what an action is called in a list to choose from."""
    words = str(WHAT.get(action, action))
    return words % {"channel": "…"} if "%(" in words else words


def kind_in_words(actor_kind: str) -> str:
    if actor_kind == AuditEvent.Actor.PROVIDER:
        return str(settings.PROVIDER_NAME)
    return str(event_words.ACTORS[AuditEvent.Actor(actor_kind)])


def who(event: AuditEvent, names: Mapping[str, str]) -> str:
    return names.get(event.actor) or event.actor or kind_in_words(event.actor_kind)


def names_of(events: Iterable[AuditEvent]) -> dict[str, str]:
    """Return the names of the console's people and of agents, whom events know by account."""
    return people.names_of(event.actor for event in events)


def subject(event: AuditEvent) -> str:
    """Return on what it was done: the request's key, else which kind of row and which of them."""
    if event.issue_key or not event.subject_type:
        return event.issue_key
    return _("%(kind)s %(id)s") % {
        "kind": subject_type_in_words(event.subject_type),
        "id": event.subject_id,
    }


def subject_type_in_words(subject_type: str) -> str:
    return capfirst(str(subject_types().get(subject_type, subject_type)))


@cache
def subject_types() -> dict[str, Any]:
    """Return what kinds of rows are called, by the names that events have for them."""
    return {
        str(model._meta.model_name): model._meta.verbose_name
        for model in apps.get_models()
        if model._meta.app_label in ("conversations", "channels", "jira_bridge", "logins", "auth")
    }


def result(event: AuditEvent) -> SafeString | str:
    if event.result in FailureKind:
        failed = lozenge(str(RESULTS["failed"]), "error")
        return format_html("{} {}", failed, result_in_words(event.result))
    return lozenge(result_in_words(event.result), _level(event.result)) if event.result else ""


def result_in_words(code: str) -> str:
    if code in RESULTS:
        return str(RESULTS[code])
    if code in FailureKind:
        return capfirst(str(REASONS[FailureKind(code)]).rstrip("."))
    return capfirst(code.replace("-", " ").replace("_", " "))


def detail_in_words(event: AuditEvent, *, longest: int = LONGEST_VALUE) -> str:
    """Return what changed, before and after, and what else was noted; secrets were never there."""
    fields = event.detail.get("fields")
    apart = APART | FOR_MACHINES if longest == LONGEST_VALUE else APART
    said = [
        _changed(name, change, longest)
        for name, change in (fields.items() if isinstance(fields, dict) else ())
        if change != ""
    ]
    for name, value in event.detail.items():
        # That settings were changed needs no saying beside what was.
        if name in apart or (name == "change" and said) or value in ("", None):
            continue
        said.append(_named(name, _plain(value, longest)))
    return "; ".join(said)


def _changed(name: str, change: Any, longest: int) -> str:
    if not isinstance(change, dict) or not {"before", "after"} <= change.keys():
        return _named(name, _plain(change, longest))
    before, after = (_shown(change[each], longest) for each in ("before", "after"))
    return _named(name, f"{before} → {after}")


def _named(name: str, words: str) -> str:
    return f"{name.replace('_', ' ')}: {words}"


def _plain(value: Any, longest: int) -> str:
    if isinstance(value, str):
        return Truncator(value).chars(longest)
    return _shown(value, longest)


def _shown(value: Any, longest: int) -> str:
    match value:
        case None | "" | [] | {}:
            return _("empty")
        case bool():
            return _("yes") if value else _("no")
        case int() | float():
            return str(value)
        case list() if all(isinstance(each, str) for each in value):
            text = ", ".join(value)
        case str():
            text = value
        case _:
            text = json.dumps(value, ensure_ascii=False)
    return _("“%(value)s”") % {"value": Truncator(text).chars(longest)}


def _level(code: str) -> Level:
    if code in GOOD:
        return "success"
    return "error" if code in ("broken", "failed", "refused") else "neutral"
