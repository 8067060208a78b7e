"""Filters of the console's list of customers."""

from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations.models import Address

DELETED_BY = Address.OptedOutBy.ADMIN


class ConsentFilter(admin.SimpleListFilter):
    """How a customer's consent stands: on any of their channels."""

    title = gettext_lazy("consent")
    parameter_name = "consent"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("given", _("May be messaged")),
            ("opted-out", _("Opted out")),
            ("deleted", _("Number deleted")),
            ("erased", _("Erased")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        theirs = Address.objects.filter(phone_number__customer=OuterRef("pk"))
        wanted = {
            "given": Q(Exists(theirs.filter(opted_out_at=None, answerable=True)), erased_at=None),
            "opted-out": Q(Exists(theirs.exclude(opted_out_at=None)), erased_at=None),
            "deleted": Q(Exists(theirs.filter(opted_out_by=DELETED_BY)), erased_at=None),
            "erased": Q(erased_at__isnull=False),
        }
        return queryset.filter(wanted.get(self.value() or "", Q()))
