"""The console's page of conversations: the list, and the transcript of each."""

from typing import Any

from django.contrib import admin
from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from conversations.admin import trail
from conversations.admin.pages import ReadOnlyAdmin
from conversations.admin.site import DAY_TO_DAY, console
from conversations.models import AgentProfile, Conversation, Message
from conversations.phone_numbers import mask

MESSAGES_PER_PAGE = 200


@admin.register(Conversation, site=console)
class ConversationAdmin(ReadOnlyAdmin[Conversation]):
    group = DAY_TO_DAY
    place = 20
    list_display = ["__str__", "customer", "state", "channel", "last_message_at"]
    list_filter = ["state", "channel"]
    list_select_related = ["customer"]
    ordering = ["-last_message_at", "-pk"]
    search_fields = ["issue_key", "customer__name"]
    search_help_text = "Request key, or the customer's name."
    fields = [
        "issue_key",
        "issue_status",
        "customer",
        "state",
        "end_reason",
        "state_changed_at",
        "state_changed_by",
        "channel",
        "created_at",
        "last_message_at",
    ]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Conversation], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        named = Q(issue_key=term.upper()) | Q(customer__name__icontains=term)
        return queryset.filter(named), False

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,  # noqa: FBT001, FBT002 - Django's own signature
        change: bool = False,  # noqa: FBT001, FBT002
        form_url: str = "",
        obj: Conversation | None = None,
    ) -> HttpResponse:
        """Show the transcript; that it was opened is recorded."""
        if obj is not None:
            trail.record(request, "transcript.opened", subject=obj, conversation=obj)
            context |= transcript(obj, request.GET.get("page"))
        return super().render_change_form(request, context, add, change, form_url, obj)


def transcript(conversation: Conversation, page_number: str | None) -> dict[str, Any]:
    """Return what the transcript's template shows: one page of messages, the last by default."""
    messages = conversation.messages.in_order().select_related("sender", "address")
    paginator = Paginator(messages.prefetch_related("sends"), MESSAGES_PER_PAGE)
    page: Page[Message] = paginator.get_page(page_number or paginator.num_pages)
    authors = {message.author for message in page if message.author}
    names = dict(
        AgentProfile.objects.filter(account_id__in=authors).values_list("account_id", "name")
    )
    rows = [
        {
            "message": message,
            "author": names.get(message.author, message.author) or _("Auto-reply"),
            "address": mask(message.address.value),
            "sends": sorted(message.sends.all(), key=lambda send: send.number),
        }
        for message in page
    ]
    return {"transcript_page": page, "transcript_rows": rows}
