"""Filters of lists whose titles and choices are words for people."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations.contracts import Channel

YES, NO = "yes", "no"


class ChannelFilter(admin.SimpleListFilter):
    title = gettext_lazy("Channel")
    parameter_name = "channel"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(channel.value, str(channel.label)) for channel in Channel]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(channel=self.value()) if self.value() in Channel else queryset


class SwitchFilter(admin.SimpleListFilter):
    """By a field that is true or false."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(YES, _("Yes")), (NO, _("No"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in (YES, NO):
            return queryset
        return queryset.filter(**{str(self.parameter_name): self.value() == YES})
