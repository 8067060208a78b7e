"""The console's audit log: filtered, searched and taken away, never changed."""

import json
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from conversations import audit
from conversations.admin import audit_words
from conversations.admin.audit_checks import standing_of_chain
from conversations.admin.audit_exports import FORMS, as_json, export
from conversations.admin.audit_filters import (
    RecordedFilter,
    ResultFilter,
    SubjectFilter,
    WhatFilter,
    WhoFilter,
    months,
)
from conversations.admin.choice_filters import ChannelFilter
from conversations.admin.pages import ReadOnlyAdmin
from conversations.admin.paging import KeysetChangeList
from conversations.admin.site import RECORDS, console
from conversations.contracts import Channel
from conversations.models import AuditEvent, Conversation, Message, Send
from conversations.moments import exact
from conversations.phone_numbers import AddressKind, identify, variants

TEMPLATES = "admin/conversations/auditevent"
UNCUT = 1_000_000  # characters
MOST_MESSAGES = 50
LONGEST_TERM = 512  # characters, as long as a provider's id of a message


def _time_head() -> str:
    return _("Time (%(zone)s)") % {"zone": timezone.localtime().tzname()}


class AuditChangeList(KeysetChangeList):
    """Knows the names of those whom its page shows, and which period that is."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        names = audit_words.names_of(self.result_list)
        for event in self.result_list:
            event.who = audit_words.who(event, names)

    @property
    def period(self) -> RecordedFilter:
        return next(spec for spec in self.filter_specs if isinstance(spec, RecordedFilter))

    @property
    def months(self) -> dict[str, Any]:
        return months(self, self.period)


@admin.register(AuditEvent, site=console)
class AuditEventAdmin(ReadOnlyAdmin[AuditEvent]):
    group = RECORDS
    place = 10
    empty_text = gettext_lazy("Nothing is recorded yet.")
    keyset = ("-occurred_at", "-id")
    actions = None
    list_display = ("time", "who", "what", "subject", "way", "outcome", "noted", "source")
    list_display_links = ("time",)
    list_filter = (
        WhoFilter,
        WhatFilter,
        SubjectFilter,
        ChannelFilter,
        ResultFilter,
        RecordedFilter,
    )
    search_fields = ("issue_key",)  # for the box alone: get_search_results says what is searched
    search_help_text = gettext_lazy(
        "A request's key, a message's ID, or a whole number with its country code."
    )

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_safe(self.export))
        return [path("export/<slug:form>/", view, name="export_audit"), *super().get_urls()]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[AuditChangeList]:
        return AuditChangeList

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {
            "chain": standing_of_chain(),
            "may_export": request.user.has_perm("conversations.export_auditevent"),
        }
        return super().changelist_view(request, context | (extra_context or {}))

    def export(self, request: HttpRequest, form: str) -> HttpResponseBase:
        """Stream exactly what the list is filtered to."""
        if not request.user.has_perm("conversations.export_auditevent") or form not in FORMS:
            raise PermissionDenied
        changelist = self.get_changelist_instance(request)
        return export(request, changelist.get_queryset(request), form)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show one event with all that was recorded of it."""
        event = self.get_object(request, object_id)
        if request.method == "POST" or not self.has_view_permission(request, event):
            raise PermissionDenied
        if event is None:
            raise Http404
        about = (
            _conversation_of(event)
            if request.user.has_perm("conversations.view_conversation")
            else None
        )
        context = {
            **self.admin_site.each_context(request),
            "title": audit_words.what(event),
            "opts": self.opts,
            "crumbs": self.crumbs(event),
            "event": event,
            "who": audit_words.who(event, audit_words.names_of([event])),
            "subject": audit_words.subject(event),
            "subject_filter": f"{event.subject_type}:{event.subject_id}",
            "outcome": audit_words.result(event),
            "detail": audit_words.detail_in_words(event, longest=UNCUT),
            "conversation": about,
            "recorded": json.dumps(as_json(event), indent=2, ensure_ascii=False),
        }
        return TemplateResponse(request, f"{TEMPLATES}/event.html", context)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[AuditEvent], bool]:
        term = search_term.strip()[:LONGEST_TERM]
        return (queryset.filter(_wanted(term)) if term else queryset), False

    @admin.display(description=lazy(_time_head, str)())
    def time(self, event: AuditEvent) -> str:
        return exact(event.occurred_at)

    @admin.display(description=gettext_lazy("Who"))
    def who(self, event: Any) -> str:
        return str(event.who)

    @admin.display(description=gettext_lazy("What"))
    def what(self, event: AuditEvent) -> SafeString:
        return format_html('<span title="{}">{}</span>', event.action, audit_words.what(event))

    @admin.display(description=gettext_lazy("On"))
    def subject(self, event: AuditEvent) -> str:
        return audit_words.subject(event)

    @admin.display(description=gettext_lazy("Channel"))
    def way(self, event: AuditEvent) -> str:
        return event.get_channel_display()

    @admin.display(description=gettext_lazy("Result"))
    def outcome(self, event: AuditEvent) -> SafeString | str:
        return audit_words.result(event)

    @admin.display(description=gettext_lazy("Detail"))
    def noted(self, event: AuditEvent) -> str:
        return audit_words.detail_in_words(event)

    @admin.display(description=gettext_lazy("From"))
    def source(self, event: AuditEvent) -> str:
        return str(event.detail.get("source", ""))


def hashes_of(typed: str) -> set[str]:
    """Return the keyed hashes that events may name a typed number or address by."""
    forms = {typed}
    identity = identify(typed)
    if identity.kind is not AddressKind.UNKNOWN:
        forms.update({identity.address, identity.key})
    if identity.kind is AddressKind.NUMBER:
        forms.update(variants(identity.address))
    return {audit.hash_of(form) for form in forms}


def _wanted(term: str) -> Q:
    wanted = Q(issue_key=term.upper()) | Q(subject_id=term) | Q(address_hash__in=hashes_of(term))
    messages, conversations = _messages_known_as(term), []
    for conversation in Conversation.objects.filter(issue_key=term.upper())[:MOST_MESSAGES]:
        # What happened before Jira gave the request its key.
        conversations.append(str(conversation.pk))
        messages += conversation.messages.in_order().values_list("pk", flat=True)[:MOST_MESSAGES]
    named = Q(subject_type="conversation", subject_id__in=conversations) if conversations else Q()
    if messages:
        named |= Q(subject_type="message", subject_id__in=[str(pk) for pk in messages])
    return wanted | named


def _messages_known_as(reference: str) -> list[int]:
    """Return the messages that go by an id: ours of an attempt, or the provider's."""
    theirs = Message.objects.filter(channel__in=Channel, provider_id=reference)
    ours = Send.objects.known_as(reference)
    return [
        *theirs.values_list("pk", flat=True)[:MOST_MESSAGES],
        *ours.values_list("message", flat=True)[:MOST_MESSAGES],
    ]


def _conversation_of(event: AuditEvent) -> int | None:
    """Return the conversation that an event is about, if it is about one."""
    if event.subject_type == "conversation":
        found = Conversation.objects.filter(pk=_number(event.subject_id))
    elif event.subject_type == "message":
        found = Conversation.objects.filter(messages=_number(event.subject_id))
    elif event.issue_key:
        found = Conversation.objects.filter(issue_key=event.issue_key)
    else:
        return None
    return found.order_by("-pk").values_list("pk", flat=True).first()


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0
