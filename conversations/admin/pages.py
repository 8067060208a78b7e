"""The kinds of page in the console: read-only lists, settings, settings of which there is one."""

from collections.abc import Sequence
from typing import Any, ClassVar, TypeVar

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations.admin import trail
from conversations.admin.keys import key_in
from conversations.admin.last_change import history_url, last_change
from conversations.admin.paging import KeysetChangeList, OnwardPaginator
from conversations.admin.site import LAST, SET_UP

Row = TypeVar("Row", bound=models.Model)

UNSHOWN = "changed"  # what the audit log says of all other fields
CHOOSE = gettext_lazy("Choose one")


class ListedAdmin(admin.ModelAdmin[Row]):
    """A list that is called what is in it; what people do there stands in the audit log alone."""

    group: ClassVar[str]
    place: ClassVar[int] = LAST
    empty_text: ClassVar[str | Promise] = ""  # what the list says while it has no row
    empty_action: ClassVar[str | Promise] = ""  # the button that adds one: "Add sender"

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Let a list be narrowed by its filters alone: other lookups would tell what is masked."""
        names = {getattr(each, "parameter_name", "") for each in self.list_filter}
        several = (getattr(each, "parameter_names", ()) for each in self.list_filter)
        return lookup in names.union(*several) and "\0" not in value

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Row | None:
        """Return a row by its key: an empty `_to_field`, which Django lets through, is no field."""
        return super().get_object(request, object_id, from_field or None)

    def log_addition(self, request: HttpRequest, obj: Row, message: Any) -> None:  # type: ignore[override]
        return

    def log_change(self, request: HttpRequest, obj: Row, message: Any) -> None:  # type: ignore[override]
        return

    def log_deletions(self, request: HttpRequest, queryset: QuerySet[Row]) -> None:  # type: ignore[override]
        return

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().changelist_view(request, {"title": self.name} | (extra_context or {}))

    @property
    def name(self) -> str:
        """What the page is called in the navigation."""
        return capfirst(str(self.opts.verbose_name_plural))

    def crumbs(self, obj: Row | None = None) -> list[tuple[str, str]]:
        """Return the pages between the Overview and the page of a row: words, address."""
        return [(self.name, self.address_of("changelist"))]

    def title_of(self, obj: Row | None) -> str:
        """Return the heading of a row's page; of the page that adds one without a row."""
        if obj is not None:
            return str(obj)
        added = _("Add %(what)s") % {"what": self.opts.verbose_name}
        return str(self.empty_action or added)

    def formfield_for_choice_field(
        self, db_field: models.Field[Any, Any], request: HttpRequest | None, **kwargs: Any
    ) -> Any:
        """Offer a choice in words where nothing is chosen yet, not Django's dashes."""
        field: Any = super().formfield_for_choice_field(db_field, request, **kwargs)  # type: ignore[arg-type]
        field.choices = [(value, words if value else CHOOSE) for value, words in field.choices]
        return field

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,  # noqa: FBT001, FBT002 - Django's own signature
        change: bool = False,  # noqa: FBT001, FBT002
        form_url: str = "",
        obj: Row | None = None,
    ) -> HttpResponse:
        context["adminform"].form.label_suffix = ""
        words = {
            "title": self.title_of(obj),
            "subtitle": None,
            "crumbs": self.crumbs(obj),
            "last_change": last_change(request, obj) if obj is not None else None,
        }
        return super().render_change_form(request, context | words, add, change, form_url, obj)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        obj = self.get_object(request, unquote(object_id))
        crumbs = [*self.crumbs(), (str(obj), self.address_of("change", object_id))]
        context = {"title": _("Delete"), "subtitle": None, "crumbs": crumbs}
        return super().delete_view(request, object_id, context | (extra_context or {}))

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Lead to the audit log, which is the history."""
        may_read = request.user.has_perm("conversations.view_auditevent")
        if not may_read or not self.has_view_or_change_permission(request):
            raise PermissionDenied
        subject = f"{self.opts.model_name}:{unquote(object_id)}"
        return HttpResponseRedirect(history_url(subject))

    def address_of(self, page: str, *arguments: str) -> str:
        """Return the address of one of this model's pages, such as "change", of a key."""
        name = f"{self.opts.app_label}_{self.opts.model_name}_{page}"
        return reverse(f"{self.admin_site.name}:{name}", args=arguments)

    def link_to(self, obj: Row, words: str) -> SafeString:
        """Return a link to a row's page, for a column that leads there."""
        where = self.address_of("change", str(obj.pk))
        return format_html('<a href="{}">{}</a>', where, words)


class ReadOnlyAdmin(ListedAdmin[Row]):
    """A list and its details to look at; rows come and go only by the domain's own doing.

    One that names its order as `keyset` is leafed through by it (conversations.admin.paging).
    """

    keyset: ClassVar[Sequence[str]] = ()
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_max_show_all = 0  # "all" may be millions
    sortable_by = ()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        return False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return KeysetChangeList if self.keyset else super().get_changelist(request, **kwargs)

    def get_paginator(
        self,
        request: HttpRequest,
        queryset: QuerySet[Any],
        per_page: int,
        *args: Any,
        **kwargs: Any,
    ) -> Paginator[Any]:
        page = request.GET.get("p", "")
        return OnwardPaginator(queryset, per_page, page=key_in(page) or 1)


class SettingsAdmin(ListedAdmin[Row]):
    """A page whose every change is recorded, with before and after of the harmless fields."""

    group = SET_UP
    actions = None
    harmless_fields: ClassVar[Sequence[str]] = ()

    def save_model(self, request: HttpRequest, obj: Row, form: Any, change: Any) -> None:
        super().save_model(request, obj, form, change)
        if form.changed_data or not change:
            trail.record(
                request,
                "settings.changed",
                subject=obj,
                change="changed" if change else "added",
                fields={name: self._change(form, name) for name in form.changed_data},
            )

    def delete_model(self, request: HttpRequest, obj: Row) -> None:
        trail.record(request, "settings.changed", subject=obj, change="deleted")
        super().delete_model(request, obj)

    def _change(self, form: Any, name: str) -> object:
        if name not in self.harmless_fields:
            return UNSHOWN
        before = form.get_initial_for_field(form.fields[name], name)
        return {"before": before, "after": form.cleaned_data[name]}


class SingletonAdmin(SettingsAdmin[Row]):
    """Settings of which a site has one: the list leads to the row, or to the form that makes it."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and not self.get_queryset(request).exists()

    def has_delete_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        return False

    def get_model_perms(self, request: HttpRequest) -> dict[str, bool]:
        """What the navigation asks on every page: it leads to the row, whether there is one."""
        changes = self.has_change_permission(request)
        views = self.has_view_permission(request)
        return {"add": False, "change": changes, "delete": False, "view": views}

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        row = self.get_queryset(request).order_by("pk").first()
        if row is not None:
            return HttpResponseRedirect(self.address_of("change", str(row.pk)))
        if self.has_add_permission(request):
            return HttpResponseRedirect(self.address_of("add"))
        context = {**self.admin_site.each_context(request), "title": self.name}
        return TemplateResponse(request, "admin/nothing_set.html", context)

    def crumbs(self, obj: Row | None = None) -> list[tuple[str, str]]:
        return []

    def title_of(self, obj: Row | None) -> str:
        return self.name

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        context = {"show_save_and_add_another": False, **(extra_context or {})}
        return super().changeform_view(request, object_id, form_url, context)

    def response_add(
        self, request: HttpRequest, obj: Row, post_url_continue: str | None = None
    ) -> HttpResponse:
        return self.response_change(request, obj)

    def response_change(self, request: HttpRequest, obj: Row) -> HttpResponse:
        self.message_user(request, _("Saved."), messages.SUCCESS)
        return HttpResponseRedirect(self.address_of("change", str(obj.pk)))

    def save_model(self, request: HttpRequest, obj: Row, form: Any, change: Any) -> None:
        if not change:
            obj.pk = 1  # of two who make it at once, the second changes the first's
        super().save_model(request, obj, form, change)
