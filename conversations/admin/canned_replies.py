"""The console's page of canned replies: the site's own texts that agents insert."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import Max, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations.admin import trail
from conversations.admin.choice_filters import ChannelFilter
from conversations.admin.counted_text import EXAMPLES, CountedText
from conversations.admin.help_texts import filled_in
from conversations.admin.site import console
from conversations.admin.tags import TagsField
from conversations.admin.twins import TwinsAdmin
from conversations.contracts import Channel
from conversations.errors import SendingRefused
from conversations.models import CannedReply
from conversations.moments import ago
from conversations.own_texts import filled, unknown_names
from conversations.services.canned_replies import VARIABLES
from conversations.services.template_search import ALL_TAGS
from conversations.services.texts import sendable_text
from conversations.template_words import LANGUAGES, language_words

FIELDS = ["name", "language", "channel", "text", "tags"]
FIRST_WORDS = 60
ANY = "any"


def _languages() -> list[tuple[str, str]]:
    named = sorted(((code, language_words(code)) for code in LANGUAGES), key=lambda each: each[1])
    return [("", _("Any")), *named]


class LanguageFilter(admin.SimpleListFilter):
    title = gettext_lazy("Language")
    parameter_name = "language"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        used = CannedReply.objects.order_by("language").values_list("language", flat=True)
        return [(code or ANY, _in_words(code)) for code in used.distinct()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        return queryset.filter(language="" if value == ANY else value) if value else queryset


class CannedReplyForm(forms.ModelForm[CannedReply]):
    language = forms.ChoiceField(
        label=gettext_lazy("Language"),
        choices=_languages,
        required=False,
        help_text=gettext_lazy("Of the text. Agents can filter by it."),
    )
    channel = forms.ChoiceField(
        label=gettext_lazy("Channel"),
        choices=lambda: [("", _("Any")), *Channel.choices],
        required=False,
        help_text=gettext_lazy("Agents find it only where it may go."),
    )
    text = forms.CharField(
        label=gettext_lazy("Text"),
        widget=CountedText,
        help_text=filled_in(
            gettext_lazy("These are filled in: %(variables)s."),
            variables=", ".join(f"{{{{{name}}}}}" for name in VARIABLES),
        ),
    )
    tags = TagsField(
        label=gettext_lazy("Tags"),
        required=False,
        help_text=gettext_lazy("Agents find the text by them. Several are separated by commas."),
    )

    class Meta:
        model = CannedReply
        fields = FIELDS
        labels: ClassVar = {
            "name": gettext_lazy("Name"),
            "language": gettext_lazy("Language"),
            "channel": gettext_lazy("Channel"),
            "text": gettext_lazy("Text"),
            "tags": gettext_lazy("Tags"),
        }

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "text" in cleaned and "channel" in cleaned:
            self._judge(cleaned["text"], cleaned["channel"])
        place = {name: cleaned.get(name) for name in ("name", "language", "channel")}
        twins = CannedReply.objects.filter(**place).exclude(pk=self.instance.pk)
        if None not in place.values() and twins.exists():
            words = _(
                "There is already a canned reply “%(name)s” for this language and channel."
                " Choose another name, or change that one."
            )
            self.add_error("name", words % {"name": place["name"]})
        return cleaned

    def _judge(self, text: str, channel: str) -> None:
        unknown = unknown_names(text, VARIABLES)
        if unknown:
            words = _("%(unknown)s cannot be filled in. What can be is listed below the text.")
            self.add_error("text", words % {"unknown": ", ".join(unknown)})
            return
        try:
            for each in [Channel(channel)] if channel else Channel:
                sendable_text(filled(text, EXAMPLES), each)
        except SendingRefused as refused:
            self.add_error("text", str(refused))


@admin.register(CannedReply, site=console)
class CannedReplyAdmin(TwinsAdmin[CannedReply]):
    place = 60
    form = CannedReplyForm
    list_display = ["named", "in_language", "on_channel", "first_words", "tagged", "last_used"]
    list_filter: ClassVar[list[Any]] = [LanguageFilter, ChannelFilter]
    search_fields = ["name", "text", "all_tags"]
    search_help_text = gettext_lazy("Name, text or tag.")
    harmless_fields = FIELDS
    empty_text = gettext_lazy("No canned replies yet. Agents insert them with a few letters.")
    empty_action = gettext_lazy("Add canned reply")
    show_facets = admin.ShowFacets.NEVER

    def get_queryset(self, request: HttpRequest) -> QuerySet[CannedReply]:
        found = super().get_queryset(request)
        return found.annotate(all_tags=ALL_TAGS, used_at=Max("uses__used_at"))

    def save_model(self, request: HttpRequest, obj: CannedReply, form: Any, change: Any) -> None:
        obj.changed_at = timezone.now()
        super().save_model(request, obj, form, change)

    def delete_model(self, request: HttpRequest, obj: CannedReply) -> None:
        fields = {name: {"before": getattr(obj, name), "after": None} for name in FIELDS}
        trail.record(request, "settings.changed", subject=obj, change="deleted", fields=fields)
        obj.delete()

    def get_fields(self, request: HttpRequest, obj: CannedReply | None = None) -> list[Any]:
        """Whoever may only look sees words in the place of codes."""
        if obj is None or self.has_change_permission(request, obj):
            return list(FIELDS)
        return ["name", "in_language", "on_channel", "whole_text", "tagged"]

    def get_readonly_fields(
        self, request: HttpRequest, obj: CannedReply | None = None
    ) -> list[Any]:
        return ["in_language", "on_channel", "whole_text", "tagged"]

    @admin.display(description=gettext_lazy("Name"), ordering="name")
    def named(self, reply: CannedReply) -> str:
        return reply.name

    @admin.display(description=gettext_lazy("Text"))
    def whole_text(self, reply: CannedReply) -> str:
        return reply.text

    @admin.display(description=gettext_lazy("Language"), ordering="language")
    def in_language(self, reply: CannedReply) -> str:
        return _in_words(reply.language)

    @admin.display(description=gettext_lazy("Channel"), ordering="channel")
    def on_channel(self, reply: CannedReply) -> str:
        return str(Channel(reply.channel).label) if reply.channel else _("Any")

    @admin.display(description=gettext_lazy("Text"))
    def first_words(self, reply: CannedReply) -> str:
        return Truncator(" ".join(reply.text.split())).chars(FIRST_WORDS)

    @admin.display(description=gettext_lazy("Tags"))
    def tagged(self, reply: CannedReply) -> str:
        return ", ".join(reply.tags)

    @admin.display(description=gettext_lazy("Last used"), ordering="used_at")
    def last_used(self, reply: Any) -> str:
        return ago(reply.used_at) if reply.used_at else _("never")


def _in_words(language: str) -> str:
    return language_words(language) if language else _("Any")
