"""The console's page of templates, as far as they are ours: what agents are offered, and tags."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations.admin import trail
from conversations.admin.keys import key_in
from conversations.admin.lozenges import Level, lozenge
from conversations.admin.pages import SettingsAdmin
from conversations.admin.senders import quality_words
from conversations.admin.tags import TagsField
from conversations.contracts import Channel
from conversations.models import MessageTemplate, Sender
from conversations.moments import written
from conversations.services.template_search import ALL_TAGS
from conversations.template_words import (
    CATEGORIES,
    STATES,
    category_words,
    language_words,
    state_words,
    why_not_sendable,
)
from conversations.templates import HeaderKind, Structure, preview

OFFERED = "offered"
HEADERS = {
    HeaderKind.TEXT: gettext_lazy("Text"),
    HeaderKind.IMAGE: gettext_lazy("Image"),
    HeaderKind.VIDEO: gettext_lazy("Video"),
    HeaderKind.GIF: gettext_lazy("GIF"),
    HeaderKind.DOCUMENT: gettext_lazy("Document"),
    HeaderKind.LOCATION: gettext_lazy("Place"),
}
LEVELS: dict[str, Level] = {
    MessageTemplate.Status.APPROVED: "success",
    MessageTemplate.Status.REINSTATED: "success",
    MessageTemplate.Status.PENDING: "info",
    MessageTemplate.Status.IN_APPEAL: "info",
    MessageTemplate.Status.FLAGGED: "warning",
    MessageTemplate.Status.FIRST_PAUSED: "warning",
    MessageTemplate.Status.SECOND_PAUSED: "warning",
    MessageTemplate.Status.REJECTED: "error",
    MessageTemplate.Status.DISABLED: "error",
}
UNKNOWN = "UNKNOWN"  # the provider has no opinion yet


class TagsForm(forms.ModelForm[MessageTemplate]):
    tags = TagsField(
        label=gettext_lazy("Tags"),
        required=False,
        help_text=gettext_lazy(
            "Agents find the template by them. Several are separated by commas."
        ),
    )

    class Meta:
        model = MessageTemplate
        fields = ["tags"]
        labels: ClassVar = {"tags": gettext_lazy("Tags")}


class OfferedFilter(admin.SimpleListFilter):
    title = gettext_lazy("Offered to agents")
    parameter_name = OFFERED

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", _("Yes")), ("no", _("No"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() is None:
            return queryset
        offered = MessageTemplate.objects.sendable().values("pk")
        if self.value() == "yes":
            return queryset.filter(pk__in=offered)
        return queryset.exclude(pk__in=offered)


class StateFilter(admin.SimpleListFilter):
    title = gettext_lazy("State")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(status), str(words)) for status, words in STATES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset if self.value() is None else queryset.filter(status=self.value())


class SenderFilter(admin.SimpleListFilter):
    title = gettext_lazy("Sender")
    parameter_name = "sender__id__exact"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        senders = Sender.objects.filter(channel=Channel.WHATSAPP)
        return [(str(sender.pk), str(sender)) for sender in senders]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value() or ""
        return queryset.filter(sender=value) if key_in(value) is not None else queryset


class LanguageFilter(admin.SimpleListFilter):
    title = gettext_lazy("Language")
    parameter_name = "language"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(code, language_words(code)) for code in _used("language")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(language=self.value()) if self.value() else queryset


class CategoryFilter(admin.SimpleListFilter):
    title = gettext_lazy("Category")
    parameter_name = "category"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, str(CATEGORIES.get(name, name))) for name in _used("category") if name]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(category=self.value()) if self.value() else queryset


class TemplateAdmin(SettingsAdmin[MessageTemplate]):
    """Registered by who can also have them listed and made at the provider."""

    place = 50
    form = TagsForm
    list_display = [
        "named",
        "in_language",
        "state",
        "why",
        "tagged",
        "kind",
        "standing",
        "of_sender",
    ]
    list_filter: ClassVar[list[Any]] = [
        OfferedFilter,
        StateFilter,
        SenderFilter,
        LanguageFilter,
        CategoryFilter,
    ]
    empty_text = gettext_lazy(
        "No templates yet. Those of your WhatsApp senders are listed each hour, and when you ask."
    )
    empty_action = gettext_lazy("New template")
    list_select_related = ["sender"]
    search_fields = ["name", "all_tags", "structure__body", "structure__footer"]
    search_help_text = gettext_lazy("Name, text or tag.")
    readonly_fields: ClassVar[list[str]] = [
        "shown",
        "why",
        "named",
        "of_sender",
        "in_language",
        "kind",
        "state",
        "standing",
        "refused_because",
        "listed",
    ]
    harmless_fields = ["tags"]
    show_facets = admin.ShowFacets.NEVER

    def get_queryset(self, request: HttpRequest) -> QuerySet[MessageTemplate]:
        return super().get_queryset(request).annotate(all_tags=ALL_TAGS)

    def get_fields(self, request: HttpRequest, obj: MessageTemplate | None = None) -> list[Any]:
        told = [name for name in self.readonly_fields if name != "shown"]
        if obj is not None and obj.status != MessageTemplate.Status.REJECTED:
            told.remove("refused_because")
        return ["shown", "tags", *told]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(
        self, request: HttpRequest, obj: MessageTemplate | None = None
    ) -> bool:
        return False

    def save_model(
        self, request: HttpRequest, obj: MessageTemplate, form: Any, change: Any
    ) -> None:
        # Nothing else: what the provider says may have come meanwhile.
        obj.save(update_fields=["tags"])
        if form.changed_data:
            tags = {"before": form.initial["tags"], "after": obj.tags}
            trail.record(
                request, "settings.changed", subject=obj, change="changed", fields={"tags": tags}
            )

    @admin.display(description=gettext_lazy("Name"), ordering="name")
    def named(self, template: MessageTemplate) -> str:
        return template.name

    @admin.display(description=gettext_lazy("Sender"), ordering="sender__number")
    def of_sender(self, template: MessageTemplate) -> str:
        return str(template.sender)

    @admin.display(description=gettext_lazy("Rejected for"))
    def refused_because(self, template: MessageTemplate) -> str:
        return template.rejected_for

    @admin.display(description=gettext_lazy("Last listed"))
    def listed(self, template: MessageTemplate) -> str:
        return written(template.synced_at)

    @admin.display(description=gettext_lazy("Language"), ordering="language")
    def in_language(self, template: MessageTemplate) -> str:
        words = language_words(template.language)
        return words if words == template.language else f"{words} ({template.language})"

    @admin.display(description=gettext_lazy("Category"), ordering="category")
    def kind(self, template: MessageTemplate) -> str:
        return category_words(template)

    @admin.display(description=gettext_lazy("State"), ordering="status")
    def state(self, template: MessageTemplate) -> str:
        return lozenge(state_words(template), LEVELS.get(template.status, "neutral"))

    @admin.display(description=gettext_lazy("Quality"), ordering="quality")
    def standing(self, template: MessageTemplate) -> str:
        return "" if template.quality == UNKNOWN else quality_words(template.quality.lower())

    @admin.display(description=gettext_lazy("Tags"))
    def tagged(self, template: MessageTemplate) -> str:
        return ", ".join(template.tags)

    @admin.display(description=gettext_lazy("Offered to agents"))
    def why(self, template: MessageTemplate) -> str:
        reason = why_not_sendable(template)
        return _("No. %(reason)s") % {"reason": reason} if reason else _("Yes")

    @admin.display(description=gettext_lazy("Preview"))
    def shown(self, template: MessageTemplate) -> str:
        structure = Structure.from_json(template.structure)
        return render_to_string(
            "admin/conversations/messagetemplate/preview.html",
            {
                "preview": preview(structure, {}),
                "header_words": HEADERS[structure.header.kind] if structure.header else "",
            },
        )


def _used(field: str) -> list[str]:
    return list(MessageTemplate.objects.order_by(field).values_list(field, flat=True).distinct())
