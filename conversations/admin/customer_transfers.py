"""Customers as a file: all of them out, some of them in."""

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import Count
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from conversations.admin import trail
from conversations.admin.csv_files import csv_response
from conversations.admin.customer_asking import who
from conversations.admin.customer_forms import ImportForm
from conversations.admin.customer_words import value_of_key
from conversations.admin.paging import Keyset
from conversations.admin.site import console
from conversations.contracts import Channel
from conversations.models import Address, Conversation, PhoneNumber
from conversations.services.customer_files import MOST_ROWS, FileRefused, read
from conversations.services.customer_import import Imported, ImportRefused, take_in

IMPORT = "conversations.import_customer"
# Not translated: what goes out may come in again, whoever reads it.
HEADS = [
    "name",
    "number",
    "sms_consent",
    "sms_since",
    "whatsapp_consent",
    "whatsapp_since",
    "requests",
    "customer_since",
]
SAMPLE = [
    ("Marko Horvat", "385991903327", "yes", "no"),
    ("Ana Kovač", "+385 91 555 0123", "", "yes"),
]
NUMBER = ("pk", "key", "customer_id", "customer__name", "customer__created_at")
ADDRESS = ("phone_number_id", "channel", "value", "opted_out_at", "consent_at", "created_at")
AT_ONCE = 1000
MOST_PROBLEMS = 100


@console.page(
    "conversations/customer/export/",
    gettext_lazy("Export"),
    permission="conversations.export_customer",
)
@require_POST
def export_customers(request: HttpRequest) -> HttpResponseBase:
    """Stream all numbers with their customers, consent and how many requests they have."""
    numbers = PhoneNumber.objects.filter(customer__erased_at=None)
    trail.record(request, "customers.exported", count=numbers.count())
    chunks = Keyset("pk").chunks(numbers.values_list(*NUMBER, named=True), AT_ONCE)
    return csv_response("customers", HEADS, _rows(chunks))


@console.page(
    "conversations/customer/import/sample/", gettext_lazy("Sample file"), permission=IMPORT
)
def import_sample(_request: HttpRequest) -> HttpResponseBase:
    """Hand out a file as it may come in."""
    return csv_response("sample", ["name", "number", "sms_consent", "whatsapp_consent"], SAMPLE)


@console.page("conversations/customer/import/", gettext_lazy("Import"), permission=IMPORT)
def import_customers(request: HttpRequest) -> HttpResponseBase:
    """Say what the file has to be like, take it in, or say what is wrong with which rows."""
    posted = request.method == "POST"
    form = ImportForm(request.POST if posted else None, request.FILES if posted else None)
    problems: list[str] = []
    if posted and form.is_valid():
        try:
            imported = _take_in(request, form.cleaned_data["file"].read())
        except FileRefused as refused:
            form.add_error("file", str(refused))
        except ImportRefused as refused:
            problems = [str(problem) for problem in refused.problems]
        else:
            messages.success(request, _summary(imported))
            return HttpResponseRedirect(reverse("admin:conversations_customer_changelist"))
    return TemplateResponse(
        request,
        "admin/conversations/customer/import.html",
        {
            **console.each_context(request),
            "title": _("Import customers"),
            "form": form,
            "problems": problems[:MOST_PROBLEMS],
            "more_problems": max(0, len(problems) - MOST_PROBLEMS),
            "most_rows": MOST_ROWS,
            "back_url": reverse("admin:conversations_customer_changelist"),
            "crumbs": [(_("Customers"), reverse("admin:conversations_customer_changelist"))],
        },
    )


def _take_in(request: HttpRequest, content: bytes) -> Imported:
    rows, problems = read(content)
    if problems:
        raise ImportRefused(problems)
    with transaction.atomic():
        imported = take_in(rows, by=who(request))
        added, changed = imported.added, imported.changed
        trail.record(request, "customers.imported", rows=len(rows), added=added, changed=changed)
    return imported


def _summary(imported: Imported) -> str:
    counted = [
        ngettext("%(count)d customer added.", "%(count)d customers added.", imported.added)
        % {"count": imported.added},
        ngettext("%(count)d changed.", "%(count)d changed.", imported.changed)
        % {"count": imported.changed},
        ngettext("%(count)d unchanged.", "%(count)d unchanged.", imported.unchanged)
        % {"count": imported.unchanged},
    ]
    return " ".join(counted)


def _rows(chunks: Iterator[list[Any]]) -> Iterator[list[Any]]:
    for numbers in chunks:
        addresses = _addresses_of([number.pk for number in numbers])
        customers = {number.customer_id for number in numbers}
        counted = Conversation.objects.filter(customer__in=customers).order_by()
        requests = dict(counted.values_list("customer").annotate(Count("pk")))
        for number in numbers:
            known = addresses.get(number.pk, [])
            yield [
                number.customer__name,
                known[0].value if known else value_of_key(number.key),
                *_consent(known, Channel.SMS),
                *_consent(known, Channel.WHATSAPP),
                requests.get(number.customer_id, 0),
                _day(number.customer__created_at),
            ]


def _addresses_of(numbers: Collection[int]) -> dict[int, list[Any]]:
    """Return the addresses of numbers: tuples, for a row of each model costs more than a line."""
    found = Address.objects.filter(phone_number__in=numbers).order_by("pk")
    addresses: dict[int, list[Any]] = {}
    for address in found.values_list(*ADDRESS, named=True):
        addresses.setdefault(address.phone_number_id, []).append(address)
    return addresses


def _consent(known: Iterable[Any], channel: Channel) -> tuple[str, str]:
    addresses = [each for each in known if each.channel == channel]
    if not addresses:
        return "", ""
    closed = next((each.opted_out_at for each in addresses if each.opted_out_at), None)
    if closed:
        return "no", _day(closed)
    return "yes", _day(addresses[0].consent_at or addresses[0].created_at)


def _day(at: Any) -> str:
    return timezone.localtime(at).date().isoformat()
