"""The console's page of customers: who they are and where they wrote from, numbers masked."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from conversations.admin.pages import ReadOnlyAdmin
from conversations.admin.site import console
from conversations.models import Address, Customer
from conversations.phone_numbers import AddressKind, identify, mask
from conversations.services.customers import key_of


@admin.register(Customer, site=console)
class CustomerAdmin(ReadOnlyAdmin[Customer]):
    group = "Day to day"
    list_display = ["__str__", "masked_addresses", "created_at"]
    search_fields = ["name", "phone_numbers__key"]
    search_help_text = "Name, or a whole number with its country code."
    fields = ["name", "jira_account_id", "created_at", "addresses"]

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
