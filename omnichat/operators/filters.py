"""What the list of sites can be narrowed to."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from omnichat.operators.troubles import TROUBLES, in_trouble
from omnichat.operators.wording import STATES, grace_limit
from tenants.models import Site

ANY = "any"


class StateFilter(admin.SimpleListFilter):
    title = gettext_lazy("State")
    parameter_name = "state__exact"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(state, words) for state, (words, _level) in STATES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Site]) -> QuerySet[Site] | None:
        return queryset.filter(state=self.value()) if self.value() else None


class LicenceFilter(admin.SimpleListFilter):
    title = gettext_lazy("licence")
    parameter_name = "licence"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("active", pgettext("licence", "Active")),
            ("grace", _("Grace")),
            ("ended", pgettext("licence", "Ended")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Site]) -> QuerySet[Site] | None:
        ended = Q(licence_inactive_since__lte=grace_limit(timezone.now()))
        match self.value():
            case "active":
                return queryset.filter(licence_active=True)
            case "grace":
                return queryset.filter(licence_active=False).exclude(ended)
            case "ended":
                return queryset.filter(ended, licence_active=False)
        return None


class SchemaFilter(admin.SimpleListFilter):
    title = gettext_lazy("schema")
    parameter_name = "schema"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("behind", _("Behind"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Site]) -> QuerySet[Site] | None:
        behind = queryset.filter(figures__missing_migrations__gt=0)
        return behind if self.value() == "behind" else None


class TroubleFilter(admin.SimpleListFilter):
    title = gettext_lazy("trouble")
    parameter_name = "trouble"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(ANY, _("Any")), *((each.name, each.label) for each in TROUBLES)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Site]) -> QuerySet[Site] | None:
        name = self.value()
        if name == ANY:
            return queryset.filter(in_trouble())
        if name in {each.name for each in TROUBLES}:
            return queryset.filter(in_trouble(name))
        return None
