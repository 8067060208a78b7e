"""What may be done to a customer in the console: each asks first, does it once, and is recorded."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from conversations.admin import trail
from conversations.admin.customer_asking import (
    AT,
    CHANGE,
    asked,
    back,
    number_of,
    number_shown,
    told,
    who,
)
from conversations.admin.customer_forms import ConsentForm, DeletionForm, ErasureForm
from conversations.admin.customer_words import name_of
from conversations.admin.reveal import reveal
from conversations.admin.site import console
from conversations.contracts import Channel
from conversations.models import Address, Customer
from conversations.services import deletions, erasure, identity


@console.page(
    f"{AT}/reveal/", gettext_lazy("Reveal numbers"), permission="conversations.reveal_customer"
)
@require_POST
def reveal_customer(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Show this session the customer's numbers for some minutes."""
    customer = get_object_or_404(Customer, pk=customer_id, erased_at=None)
    reveal(request, customer)
    return back(customer)


@console.page(
    f"{AT}/confirm-identity/<int:address_id>/",
    gettext_lazy("Confirm the person"),
    permission=CHANGE,
)
@require_POST
def confirm_identity(request: HttpRequest, customer_id: int, address_id: int) -> HttpResponse:
    """Have the provider told that the account behind a number is still this person's."""
    whose = Address.objects.filter(phone_number__customer=customer_id)
    address = get_object_or_404(whose.select_related("phone_number__customer"), pk=address_id)
    with transaction.atomic():
        is_asked = identity.ask_to_confirm(address)
        if is_asked:
            trail.record(request, "customer.identity-confirmation-asked", subject=address)
    told_so = _("Infobip is being told. Reload this page in a moment.")
    messages.info(request, told_so if is_asked else _("There is nothing to confirm."))
    return back(address.phone_number.customer)


@console.page(
    f"{AT}/numbers/<int:number_id>/delete/", gettext_lazy("Delete number"), permission=CHANGE
)
def delete_number(request: HttpRequest, customer_id: int, number_id: int) -> HttpResponseBase:
    """Ask for the reason, then send nothing to a number any more."""
    number = number_of(customer_id, number_id)
    customer = number.customer
    form = DeletionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        done = _("The number is deleted. Nothing is sent to it any more.")
        with told(request, done), transaction.atomic():
            ended = deletions.delete_number(number_id, **form.cleaned_data, by=who(request))
            trail.record(
                request,
                "number.deleted",
                subject=customer,
                number=number_id,
                reason=form.cleaned_data["reason"],
                ended=ended,
            )
        return back(customer)
    ending = deletions.would_end(number)
    ends = ngettext(
        "%(count)d active conversation ends.", "%(count)d active conversations end.", ending
    )
    sentences = [
        _("OmniChat stops messaging this number (opt-out)."),
        ends % {"count": ending} if ending else "",
        _("Past messages stay in the requests."),
    ]
    title = _("Delete %(number)s?") % {"number": number_shown(request, number)}
    button = _("Delete number")
    return asked(request, customer, title=title, sentences=sentences, form=form, button=button)


@console.page(
    f"{AT}/numbers/<int:number_id>/consent/", gettext_lazy("Record consent"), permission=CHANGE
)
def record_consent(request: HttpRequest, customer_id: int, number_id: int) -> HttpResponseBase:
    """Ask how the customer consented, then let a number be written to again."""
    number = number_of(customer_id, number_id)
    customer = number.customer
    out = set(number.addresses.exclude(opted_out_at=None).values_list("channel", flat=True))
    form = ConsentForm(request.POST or None, closed=[each for each in Channel if each in out])
    if request.method == "POST" and form.is_valid():
        chosen = [Channel(each) for each in form.cleaned_data["channels"]]
        because, done = form.cleaned_data["because"], _("The consent is recorded.")
        with told(request, done), transaction.atomic():
            opened = deletions.record_consent(number_id, chosen, because=because, by=who(request))
            trail.record(
                request,
                "consent.recorded",
                subject=customer,
                number=number_id,
                channels=[channel.value for channel in opened],
            )
        return back(customer)
    sentences = [
        _("OmniChat may message this number again on the channels that you choose."),
        _("Record it only when the customer has said so themselves."),
    ]
    title = _("Record consent for %(number)s?") % {"number": number_shown(request, number)}
    button = _("Record consent")
    return asked(request, customer, title=title, sentences=sentences, form=form, button=button)


@console.page(
    f"{AT}/erase/", gettext_lazy("Erase person"), permission="conversations.erase_customer"
)
def erase_customer(request: HttpRequest, customer_id: int) -> HttpResponseBase:
    """Ask for a tick, then erase a person for ever."""
    customer = get_object_or_404(Customer, pk=customer_id, erased_at=None)
    form = ErasureForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        done = _("The person is being erased. That may take some minutes.")
        with told(request, done), transaction.atomic():
            if erasure.erase(customer_id, by=who(request)):
                trail.record(request, "customer.erased", subject=customer)
        return back(customer)
    sentences = [
        _("The name, all numbers, and the texts and files of all messages go for ever."),
        _("Nothing is sent to this person any more, and their conversations end."),
        _(
            "What Jira itself keeps stays there: summary, description, comments and attachments of"
            " the requests. Delete those in Jira."
        ),
        _("The audit log keeps what happened, without the person."),
    ]
    title = _("Erase %(name)s?") % {"name": name_of(customer)}
    button = _("Erase person")
    return asked(
        request,
        customer,
        title=title,
        sentences=sentences,
        form=form,
        button=button,
        dangerous=True,
    )
