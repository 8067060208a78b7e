"""The console's page of conversations: the list, and the transcript of each."""

from typing import Any, ClassVar

from csp.decorators import csp_update
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from conversations.admin.choice_filters import ChannelFilter
from conversations.admin.conversation_filters import (
    AgentFilter,
    DatesFilter,
    FailedFilter,
    ProjectFilter,
    StateFilter,
)
from conversations.admin.conversation_search import found
from conversations.admin.customer_words import value_of
from conversations.admin.keys import key_in
from conversations.admin.lozenges import Level, lozenge
from conversations.admin.openings import note_opened
from conversations.admin.pages import ReadOnlyAdmin
from conversations.admin.reveal import reveal
from conversations.admin.site import DAY_TO_DAY, console
from conversations.admin.transcripts import transcript_of
from conversations.file_responses import file_response, served
from conversations.models import Attachment, Conversation, Message
from conversations.moments import ago, exact
from conversations.phone_numbers import mask
from conversations.state_words import state_in_words
from tenants.context import current_site

KEEP_FILE_SECONDS = 300
LEVELS: dict[str, Level] = {
    Conversation.State.OPENING: "info",
    Conversation.State.ACTIVE: "success",
    Conversation.State.PAUSED: "warning",
}


@admin.register(Conversation, site=console)
class ConversationAdmin(ReadOnlyAdmin[Conversation]):
    group = DAY_TO_DAY
    place = 20
    keyset = ("-last_message_at", "-id")
    list_display = ("request", "whose", "standing", "way", "size", "last_message")
    list_display_links = None
    list_filter = (
        StateFilter,
        ChannelFilter,
        ProjectFilter,
        AgentFilter,
        FailedFilter,
        DatesFilter,
    )
    empty_text = gettext_lazy("No conversations yet. They appear with a customer's first message.")
    search_fields = ("issue_key",)  # for the box alone: get_search_results says what is searched
    search_help_text = gettext_lazy(
        "A request's key, a message's ID, a whole number with its country code, or a name."
    )

    class Media:
        css: ClassVar[dict[str, list[str]]] = {"all": ["console/threads.css"]}

    def get_urls(self) -> list[URLPattern]:
        guarded = self.admin_site.admin_view
        views = [
            path(
                "<int:conversation_id>/reveal/",
                guarded(require_POST(self.reveal_numbers)),
                name="reveal_conversation",
            ),
            path(
                "<int:conversation_id>/files/<int:attachment_id>/",
                guarded(require_safe(self.file)),
                name="transcript_file",
            ),
        ]
        return [*views, *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Conversation]:
        # Counted for the rows of one page: the database reckons it after their choice.
        count = Message.objects.filter(conversation=OuterRef("pk")).order_by()
        counted = count.values("conversation").annotate(count=Count("pk")).values("count")
        found = super().get_queryset(request).select_related("customer")
        return found.annotate(
            messages_in_it=Coalesce(Subquery(counted, output_field=IntegerField()), 0)
        ).prefetch_related("customer__phone_numbers__addresses")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Conversation], bool]:
        term = search_term.strip()
        return (found(queryset, term) if term else queryset), False

    @method_decorator(csp_update({"media-src": "'self'"}))
    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the transcript; that it was opened is recorded."""
        if request.method == "POST":
            raise PermissionDenied
        conversation = self._conversation(request, object_id)
        note_opened(request, conversation)
        context = {
            **self.admin_site.each_context(request),
            "title": str(conversation),
            "crumbs": self.crumbs(),
            "whose": conversation.customer.name or _("Customer without a name"),
            "opts": self.opts,
            "media": self.media,
            "state": lozenge(
                state_in_words(conversation), LEVELS.get(conversation.state, "neutral")
            ),
            "issue_url": _issue_url(conversation),
            "may_reveal": request.user.has_perm("conversations.reveal_conversation"),
            "may_see_customer": request.user.has_perm("conversations.view_customer"),
            **transcript_of(request, conversation),
        }
        return TemplateResponse(
            request, "admin/conversations/conversation/transcript.html", context
        )

    def reveal_numbers(self, request: HttpRequest, conversation_id: int) -> HttpResponse:
        """Show the numbers whole for some minutes; that is recorded."""
        if not request.user.has_perm("conversations.reveal_conversation"):
            raise PermissionDenied
        reveal(request, get_object_or_404(Conversation, pk=conversation_id))
        where = reverse("admin:conversations_conversation_change", args=[conversation_id])
        query = request.GET.urlencode()
        return HttpResponseRedirect(f"{where}?{query}" if query else where)

    def file(
        self, request: HttpRequest, conversation_id: int, attachment_id: int
    ) -> HttpResponseBase:
        """Hand out a file of a transcript, as panels do; whoever takes one has opened it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        attachment = get_object_or_404(
            Attachment.objects.select_related("message__conversation"),
            pk=attachment_id,
            message__conversation=conversation_id,
        )
        file = served(attachment, thumbnail="thumbnail" in request.GET)
        if file is None or attachment.message is None:
            raise Http404
        note_opened(request, attachment.message.conversation)
        download = "download" in request.GET
        return file_response(request, file, download=download, keep_seconds=KEEP_FILE_SECONDS)

    @admin.display(description=gettext_lazy("Request"))
    def request(self, conversation: Conversation) -> SafeString:
        where = reverse("admin:conversations_conversation_change", args=[conversation.pk])
        message = getattr(conversation, "found_message", None)
        if message is not None:
            where += f"?message={message}#m{message}"
        link = format_html('<a href="{}">{}</a>', where, conversation)
        if not conversation.issue_key:
            return link
        jira = '{} <a class="console-quiet" href="{}" target="_blank" rel="noopener">{}</a>'
        return format_html(jira, link, _issue_url(conversation), _("in Jira"))

    @admin.display(description=gettext_lazy("Customer"))
    def whose(self, conversation: Conversation) -> str:
        customer = conversation.customer
        numbers = [mask(value_of(each)) for each in customer.phone_numbers.all()]
        return customer.name or (numbers[0] if numbers else str(customer))

    @admin.display(description=gettext_lazy("State"))
    def standing(self, conversation: Conversation) -> SafeString:
        return lozenge(state_in_words(conversation), LEVELS.get(conversation.state, "neutral"))

    @admin.display(description=gettext_lazy("Channel"))
    def way(self, conversation: Conversation) -> str:
        return conversation.get_channel_display()

    @admin.display(description=gettext_lazy("Messages"))
    def size(self, conversation: Any) -> int:
        return int(conversation.messages_in_it)

    @admin.display(description=gettext_lazy("Last message"))
    def last_message(self, conversation: Conversation) -> SafeString:
        at = conversation.last_message_at
        return format_html('<time title="{}">{}</time>', exact(at), ago(at))

    def _conversation(self, request: HttpRequest, object_id: str) -> Conversation:
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = Conversation.objects.select_related("customer")
        key = key_in(object_id)
        if key is None:
            raise Http404
        return get_object_or_404(
            found.prefetch_related("customer__phone_numbers__addresses"), pk=key
        )


def _issue_url(conversation: Conversation) -> str:
    return f"{current_site().url}/browse/{conversation.issue_key}" if conversation.issue_key else ""
