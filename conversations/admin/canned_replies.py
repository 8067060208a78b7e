"""The console's page of canned replies: the site's own texts that agents insert."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import Max, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations.admin import trail
from conversations.admin.counted_text import EXAMPLES, CountedText
from conversations.admin.pages import SettingsAdmin
from conversations.admin.site import console
from conversations.admin.tags import TagsField
from conversations.contracts import Channel
from conversations.errors import SendingRefused
from conversations.models import CannedReply
from conversations.own_texts import filled, unknown_names
from conversations.services.canned_replies import VARIABLES
from conversations.services.template_search import ALL_TAGS
from conversations.services.texts import sendable_text
from conversations.template_words import LANGUAGES, language_words

FIELDS = ["name", "language", "channel", "text", "tags"]
FIRST_WORDS = 60


def _languages() -> list[tuple[str, str]]:
    named = sorted(((code, language_words(code)) for code in LANGUAGES), key=lambda each: each[1])
    return [("", _("Any")), *named]


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
        help_text=gettext_lazy("These are filled in: %(variables)s.")
        % {"variables": ", ".join(f"{{{{{name}}}}}" for name in VARIABLES)},
    )
    tags = TagsField(
        label=gettext_lazy("Tags"),
        required=False,
        help_text=gettext_lazy("Agents find the text by them. Several are separated by commas."),
    )

    class Meta:
        model = CannedReply
        fields = FIELDS
        labels: ClassVar = {"name": gettext_lazy("Name")}

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
class CannedReplyAdmin(SettingsAdmin[CannedReply]):
    place = 60
    form = CannedReplyForm
    list_display = ["name", "in_language", "on_channel", "first_words", "tagged", "last_used"]
    list_filter = ["language", "channel"]
    search_fields = ["name", "text", "all_tags"]
    search_help_text = gettext_lazy("Name, text or tag.")
    harmless_fields = FIELDS
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

    @admin.display(description=gettext_lazy("language"), ordering="language")
    def in_language(self, reply: CannedReply) -> str:
        return language_words(reply.language) if reply.language else _("Any")

    @admin.display(description=gettext_lazy("channel"), ordering="channel")
    def on_channel(self, reply: CannedReply) -> str:
        return str(Channel(reply.channel).label) if reply.channel else _("Any")

    @admin.display(description=gettext_lazy("text"))
    def first_words(self, reply: CannedReply) -> str:
        return Truncator(" ".join(reply.text.split())).chars(FIRST_WORDS)

    @admin.display(description=gettext_lazy("tags"))
    def tagged(self, reply: CannedReply) -> str:
        return ", ".join(reply.tags)

    @admin.display(description=gettext_lazy("last used"), ordering="used_at")
    def last_used(self, reply: Any) -> str:
        if reply.used_at is None:
            return _("never")
        return _("%(time)s ago") % {"time": timesince(reply.used_at, depth=1)}
