"""The console's page of customers: who they are and where they wrote from, numbers masked."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from conversations.admin import trail
from conversations.admin.pages import ReadOnlyAdmin
from conversations.admin.site import DAY_TO_DAY, console
from conversations.models import Address, Customer
from conversations.phone_numbers import AddressKind, identify, mask
from conversations.services import identity
from conversations.services.customers import key_of


@admin.register(Customer, site=console)
class CustomerAdmin(ReadOnlyAdmin[Customer]):
    group = DAY_TO_DAY
    place = 10
    list_display = ["__str__", "masked_addresses", "created_at"]
    search_fields = ["name", "phone_numbers__key"]
    search_help_text = "Name, or a whole number with its country code."
    fields = ["name", "jira_account_id", "created_at", "addresses"]
    change_form_template = "admin/conversations/customer/change_form.html"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_POST(self.confirm_identity))
        address = "<int:customer_id>/confirm-identity/<int:address_id>/"
        return [path(address, view, name="confirm_identity"), *super().get_urls()]

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,  # noqa: FBT001, FBT002 - Django's own signature
        change: bool = False,  # noqa: FBT001, FBT002
        form_url: str = "",
        obj: Customer | None = None,
    ) -> HttpResponse:
        if obj is not None:
            found = identity.standings(obj)
            context |= {
                "identities": [(standing, mask(standing.address.value)) for standing in found],
                "may_confirm": _may_confirm(request),
            }
        return super().render_change_form(request, context, add, change, form_url, obj)

    def confirm_identity(
        self, request: HttpRequest, customer_id: int, address_id: int
    ) -> HttpResponse:
        """Have the provider told that the account behind a number is still this person's."""
        if not _may_confirm(request):
            raise PermissionDenied
        whose = Address.objects.filter(phone_number__customer=customer_id)
        address = get_object_or_404(whose.select_related("phone_number"), pk=address_id)
        with transaction.atomic():
            asked = identity.ask_to_confirm(address)
            if asked:
                trail.record(request, "customer.identity-confirmation-asked", subject=address)
        if asked:
            text = _("Infobip is being told. Reload this page in a moment.")
        else:
            text = _("There is nothing to confirm.")
        self.message_user(request, text)
        return HttpResponseRedirect(
            reverse("admin:conversations_customer_change", args=[customer_id])
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Customer]:
        return super().get_queryset(request).prefetch_related("phone_numbers__addresses")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Customer], bool]:
        """Find by part of the name, or by a whole number: part of one would unmask it by trying."""
        if not search_term.strip():
            return queryset, False
        wanted = Q(name__icontains=search_term.strip())
        typed = identify(search_term)
        if typed.kind is not AddressKind.UNKNOWN:
            wanted |= Q(phone_numbers__key=key_of(typed))
        return queryset.filter(wanted), True

    @admin.display(description="numbers")
    def masked_addresses(self, customer: Customer) -> str:
        return ", ".join(sorted({mask(address.value) for address in _addresses(customer)}))

    @admin.display(description="addresses")
    def addresses(self, customer: Customer) -> SafeString:
        rows = format_html_join(
            "",
            "<li>{} {} {}</li>",
            (
                (
                    address.get_channel_display(),
                    mask(address.value),
                    _standing(address),
                )
                for address in _addresses(customer)
            ),
        )
        return format_html("<ul>{}</ul>", rows)


def _may_confirm(request: HttpRequest) -> bool:
    return request.user.has_perm("conversations.change_customer")


def _addresses(customer: Customer) -> list[Address]:
    return [
        address
        for phone_number in customer.phone_numbers.all()
        for address in phone_number.addresses.all()
    ]


def _standing(address: Address) -> str:
    if address.opted_out_at:
        return f"opted out since {address.opted_out_at:%Y-%m-%d %H:%M} UTC"
    return "" if address.answerable else "cannot be answered"
