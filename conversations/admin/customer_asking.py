"""How the console asks before it does something to a customer, and says what came of it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from conversations.admin.customer_words import name_of, shown, value_of
from conversations.admin.reveal import is_revealed
from conversations.admin.site import console
from conversations.errors import DomainError
from conversations.models import Customer, PhoneNumber

AT = "conversations/customer/<int:customer_id>"
CHANGE = "conversations.change_customer"


def asked(
    request: HttpRequest,
    customer: Customer,
    *,
    title: str,
    sentences: Sequence[str],
    form: Form,
    button: str,
    dangerous: bool = False,
) -> TemplateResponse:
    """Return the page that asks; it comes back with what was typed where that was refused."""
    list_url = reverse("admin:conversations_customer_changelist")
    context = {
        **console.each_context(request),
        "title": title,
        "sentences": [sentence for sentence in sentences if sentence],
        "form": form,
        "button": button,
        "dangerous": dangerous,
        "back_url": url_of(customer),
        "crumbs": [(_("Customers"), list_url), (name_of(customer), url_of(customer))],
    }
    return TemplateResponse(request, "admin/confirm.html", context)


@contextmanager
def told(request: HttpRequest, done: str) -> Iterator[None]:
    """Say that it is done, or in the domain's words why not."""
    try:
        yield
    except DomainError as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, done)


def back(customer: Customer) -> HttpResponseRedirect:
    return HttpResponseRedirect(url_of(customer))


def url_of(customer: Customer) -> str:
    return reverse("admin:conversations_customer_change", args=[customer.pk])


def who(request: HttpRequest) -> str:
    return request.user.get_username()


def number_of(customer_id: int, number_id: int) -> PhoneNumber:
    """Return a number of a customer who is not erased, or raise Http404."""
    living = PhoneNumber.objects.filter(customer__erased_at=None).select_related("customer")
    return get_object_or_404(living, pk=number_id, customer=customer_id)


def number_shown(request: HttpRequest, number: PhoneNumber) -> str:
    """Return a number as this session may see it."""
    return shown(value_of(number), revealed=is_revealed(request, number.customer))
