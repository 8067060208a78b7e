"""The console's pages that make two customers one: who is the other, and is that right."""

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from conversations.admin import trail
from conversations.admin.customer_asking import AT, CHANGE, asked, back, told, who
from conversations.admin.customer_forms import NoForm, OtherCustomerForm
from conversations.admin.customer_words import name_of, shown, value_of
from conversations.admin.site import console
from conversations.errors import DomainError
from conversations.models import Conversation, Customer
from conversations.services import merging

LABEL = gettext_lazy("Merge with another customer")


@console.page(f"{AT}/merge/", LABEL, permission=CHANGE)
def merge_customer(request: HttpRequest, customer_id: int) -> HttpResponseBase:
    """Ask who the same person is."""
    customer = get_object_or_404(Customer, pk=customer_id, erased_at=None)
    form = OtherCustomerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            other = merging.find(form.cleaned_data["other"], but=customer)
        except DomainError as refused:
            form.add_error("other", str(refused))
        else:
            pair = [customer.pk, other.pk]
            return HttpResponseRedirect(reverse("admin:merge_customers", args=pair))
    return asked(
        request,
        customer,
        title=_("Merge %(name)s with another customer") % {"name": name_of(customer)},
        sentences=[
            _("When one person has two numbers, make the two customers one."),
            _("You see both before anything is changed."),
        ],
        form=form,
        button=_("Go on"),
    )


@console.page(f"{AT}/merge/<int:other_customer_id>/", LABEL, permission=CHANGE)
def merge_customers(
    request: HttpRequest, customer_id: int, other_customer_id: int
) -> HttpResponseBase:
    """Show both, then make them one."""
    living = Customer.objects.filter(erased_at=None).prefetch_related("phone_numbers__addresses")
    pair = list(living.filter(pk__in={customer_id, other_customer_id}).order_by("pk"))
    if len(pair) < 2:  # noqa: PLR2004 - both
        raise Http404
    kept, other = pair
    if request.method == "POST":
        with told(request, _("The two customers are one now.")), transaction.atomic():
            merging.merge(kept.pk, other.pk, by=who(request))
            trail.record(request, "customer.merged", subject=kept, joined=other.pk)
        return back(kept)
    return asked(
        request,
        kept,
        title=_("Merge these two customers?"),
        sentences=[
            _("Stays: %(customer)s") % {"customer": _described(kept)},
            _("Joins: %(customer)s") % {"customer": _described(other)},
            _name_that_stays(kept, other),
            _active_that_stays(pair),
            _("Consent stays with each number as it is. This cannot be undone."),
        ],
        form=NoForm(),
        button=_("Merge customers"),
    )


def _described(customer: Customer) -> str:
    """Return name, numbers and how many requests, in one line."""
    numbers = [shown(value_of(number)) for number in customer.phone_numbers.all()]
    count = customer.conversations.count()
    requests = ngettext("%(count)d request", "%(count)d requests", count) % {"count": count}
    return " · ".join([name_of(customer), *numbers, requests])


def _name_that_stays(kept: Customer, other: Customer) -> str:
    if not kept.name or not other.name or kept.name == other.name:
        return ""
    return _("The name %(kept)s stays, %(other)s goes.") % {"kept": kept.name, "other": other.name}


def _active_that_stays(pair: list[Customer]) -> str:
    active = Conversation.objects.active().filter(customer__in=pair)
    found = list(active.order_by("-last_message_at", "-pk"))
    if len(found) < 2:  # noqa: PLR2004 - one of each
        return ""
    newer, older = found
    words = _("Both have an active conversation: %(newer)s stays active, %(older)s is paused.")
    return words % {"newer": newer, "older": older}
