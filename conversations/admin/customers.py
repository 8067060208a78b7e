"""The console's page of customers: who they are, where they are reached, what they consented to."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations.admin.customer_filters import ConsentFilter
from conversations.admin.customer_page import details
from conversations.admin.customer_words import name_of, numbers_on, shown, summary_of
from conversations.admin.pages import ReadOnlyAdmin
from conversations.admin.reveal import is_revealed, seconds_left
from conversations.admin.site import DAY_TO_DAY, console
from conversations.contracts import Channel
from conversations.models import Conversation, Customer, PhoneNumber
from conversations.phone_numbers import AddressKind, identify
from conversations.services.customers import key_of


@admin.register(Customer, site=console)
class CustomerAdmin(ReadOnlyAdmin[Customer]):
    group = DAY_TO_DAY
    place = 10
    keyset = ("-id",)
    empty_text = gettext_lazy("No customers yet. They appear after the first message.")
    list_display = ["shown_name", "sms", "whatsapp", "consent", "requests"]
    list_filter = [ConsentFilter]
    search_fields = ["name", "phone_numbers__key"]
    search_help_text = gettext_lazy("Name, or a whole number with its country code.")
    fields = ["name"]  # the template shows what there is
    change_form_template = "admin/conversations/customer/change_form.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Customer]:
        whole = super().get_queryset(request).prefetch_related("phone_numbers__addresses")
        counted = (
            Conversation.objects.filter(customer=OuterRef("pk"))
            .order_by()
            .values("customer")
            .annotate(number=Count("pk"))
        )
        return whole.annotate(request_count=Coalesce(Subquery(counted.values("number")), 0))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Customer], bool]:
        """Find by part of the name, or by a whole number: part of one would unmask it by trying."""
        term = search_term.replace("\0", "").strip()
        if not term:
            return queryset, False
        wanted, typed = Q(name__icontains=term), identify(term)
        if typed.kind is not AddressKind.UNKNOWN:
            owners = PhoneNumber.objects.filter(key=key_of(typed)).values("customer")
            wanted |= Q(pk__in=owners)
        return queryset.filter(wanted), False

    def title_of(self, obj: Customer | None) -> str:
        return name_of(obj) if obj is not None else super().title_of(obj)

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,  # noqa: FBT001, FBT002 - Django's own signature
        change: bool = False,  # noqa: FBT001, FBT002
        form_url: str = "",
        obj: Customer | None = None,
    ) -> HttpResponse:
        may_reveal = request.user.has_perm("conversations.reveal_customer")
        revealed = obj is not None and may_reveal and is_revealed(request, obj)
        if obj is not None:
            context |= details(request, obj, revealed=revealed)
        response = super().render_change_form(request, context, add, change, form_url, obj)
        if obj is not None and revealed:
            # Masked again on a screen that nobody sits before any more.
            response.headers["Refresh"] = str(seconds_left(request, obj))
            response.headers["Cache-Control"] = "no-store"
        return response

    @admin.display(description=gettext_lazy("name"))
    def shown_name(self, customer: Customer) -> str:
        return name_of(customer)

    @admin.display(description="SMS")
    def sms(self, customer: Customer) -> str:
        return _masked(customer, Channel.SMS)

    @admin.display(description="WhatsApp")
    def whatsapp(self, customer: Customer) -> str:
        return _masked(customer, Channel.WHATSAPP)

    @admin.display(description=gettext_lazy("consent"))
    def consent(self, customer: Customer) -> SafeString:
        return summary_of(customer).lozenge

    @admin.display(description=gettext_lazy("requests"))
    def requests(self, customer: Customer) -> int:
        return int(getattr(customer, "request_count", 0))


def _masked(customer: Customer, channel: Channel) -> str:
    found = dict.fromkeys(shown(value) for value in numbers_on(customer, channel))
    return ", ".join(found) or _("none")
