"""The console's page of templates, as far as they are ours: what agents are offered, and tags."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string

from conversations.admin import trail
from conversations.admin.pages import SettingsAdmin
from conversations.admin.tags import TagsField
from conversations.models import MessageTemplate
from conversations.services.template_search import ALL_TAGS
from conversations.template_words import (
    STATES,
    category_words,
    language_words,
    state_words,
    why_not_sendable,
)
from conversations.templates import Structure, preview

OFFERED = "offered"
UNKNOWN = "UNKNOWN"  # the provider has no opinion yet


class TagsForm(forms.ModelForm[MessageTemplate]):
    tags = TagsField(
        required=False,
        help_text="Agents find the template by them. Several are separated by commas.",
    )

    class Meta:
        model = MessageTemplate
        fields = ["tags"]


class OfferedFilter(admin.SimpleListFilter):
    title = "offered to agents"
    parameter_name = OFFERED

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Yes"), ("no", "No")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() is None:
            return queryset
        offered = MessageTemplate.objects.sendable().values("pk")
        if self.value() == "yes":
            return queryset.filter(pk__in=offered)
        return queryset.exclude(pk__in=offered)


class StateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(status), str(words)) for status, words in STATES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset if self.value() is None else queryset.filter(status=self.value())


class TemplateAdmin(SettingsAdmin[MessageTemplate]):
    """Registered by who can also have them listed and made at the provider."""

    place = 50
    form = TagsForm
    list_display = ["name", "in_language", "state", "why", "tagged", "kind", "standing", "sender"]
    list_filter: ClassVar[list[Any]] = [
        OfferedFilter,
        "sender",
        "language",
        "category",
        StateFilter,
    ]
    list_select_related = ["sender"]
    search_fields = ["name", "all_tags", "structure__body", "structure__footer"]
    search_help_text = "Name, text or tag."
    readonly_fields: ClassVar[list[str]] = [
        "shown",
        "why",
        "name",
        "sender",
        "in_language",
        "kind",
        "state",
        "standing",
        "rejected_for",
        "synced_at",
    ]
    harmless_fields = ["tags"]
    show_facets = admin.ShowFacets.NEVER

    def get_queryset(self, request: HttpRequest) -> QuerySet[MessageTemplate]:
        return super().get_queryset(request).annotate(all_tags=ALL_TAGS)

    def get_fields(self, request: HttpRequest, obj: MessageTemplate | None = None) -> list[Any]:
        told = [name for name in self.readonly_fields if name != "shown"]
        if obj is not None and obj.status != MessageTemplate.Status.REJECTED:
            told.remove("rejected_for")
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

    @admin.display(description="language", ordering="language")
    def in_language(self, template: MessageTemplate) -> str:
        words = language_words(template.language)
        return words if words == template.language else f"{words} ({template.language})"

    @admin.display(description="category", ordering="category")
    def kind(self, template: MessageTemplate) -> str:
        return category_words(template)

    @admin.display(description="state", ordering="status")
    def state(self, template: MessageTemplate) -> str:
        return state_words(template)

    @admin.display(description="quality", ordering="quality")
    def standing(self, template: MessageTemplate) -> str:
        return "" if template.quality == UNKNOWN else template.quality.capitalize()

    @admin.display(description="tags")
    def tagged(self, template: MessageTemplate) -> str:
        return ", ".join(template.tags)

    @admin.display(description="offered to agents", empty_value="Yes")
    def why(self, template: MessageTemplate) -> str:
        reason = why_not_sendable(template)
        return f"No. {reason}" if reason else "Yes"

    @admin.display(description="preview")
    def shown(self, template: MessageTemplate) -> str:
        structure = Structure.from_json(template.structure)
        return render_to_string(
            "admin/conversations/messagetemplate/preview.html",
            {"preview": preview(structure, {})},
        )
