"""How the console's pages of customers name them, their numbers and their consent."""

from dataclasses import dataclass
from datetime import datetime

from babel.dates import format_skeleton
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from conversations.admin.lozenges import Level, lozenge
from conversations.admin.people import called
from conversations.contracts import Channel
from conversations.languages import reading_locale
from conversations.models import Address, Customer, NumberDeletion, PhoneNumber
from conversations.moments import UNAMBIGUOUS
from conversations.phone_numbers import display, mask
from conversations.services.customers import USER_ID

By = Address.OptedOutBy


@dataclass(frozen=True)
class Standing:
    """What is known about consent, in words, and how a lozenge of it looks."""

    words: str
    look: Level = "success"
    who: str = ""

    @property
    def lozenge(self) -> SafeString:
        return lozenge(self.words, self.look)


def name_of(customer: Customer) -> str:
    if customer.erased_at:
        return _("Erased person")
    return customer.name or _("Customer %(number)d") % {"number": customer.pk}


def shown(value: str, *, revealed: bool = False) -> str:
    """Return a number as people write it, masked unless it was asked for."""
    return display(value) if revealed else mask(value)


def value_of(number: PhoneNumber) -> str:
    """Return what a subscriber is reached by, or would be. Reads `addresses` as prefetched."""
    addresses = number.addresses.all()
    return addresses[0].value if addresses else value_of_key(number.key)


def value_of_key(key: str) -> str:
    """Return what a subscriber would be reached by who never was."""
    return key.removeprefix(USER_ID)


def numbers_on(customer: Customer, channel: Channel) -> list[str]:
    """Return a customer's numbers on a channel; reads numbers and addresses as prefetched.

    One that was never used, as an import may bring it, is shown with SMS; a user id with WhatsApp.
    """
    if customer.erased_at:
        return []
    values = []
    for number in customer.phone_numbers.all():
        addresses = number.addresses.all()
        values += [address.value for address in addresses if address.channel == channel]
        known_on = Channel.WHATSAPP if number.key.startswith(USER_ID) else Channel.SMS
        if not addresses and channel == known_on:
            values.append(value_of(number))
    return values


def day(at: datetime) -> str:
    """Return a day as "3 Nov", of another year with the year."""
    local, locale = timezone.localtime(at), reading_locale()
    this_year = local.year == timezone.localtime().year
    locale = UNAMBIGUOUS if locale.language == "en" else locale
    return format_skeleton("MMMd" if this_year else "yMMMd", local, locale=locale)


def standing_of(address: Address, *, opened: NumberDeletion | None = None) -> Standing:
    """Return how consent stands for an address; `opened` is the proof that was lifted last."""
    if address.opted_out_at is not None:
        since = {"day": day(address.opted_out_at)}
        match address.opted_out_by:
            case By.ADMIN:
                return Standing(_("deleted %(day)s") % since, "error", _("by an admin"))
            case By.PROVIDER:
                who = _("as the provider says")
            case _:
                who = _("by the customer's own word")
        return Standing(_("opted out since %(day)s") % since, "warning", who)
    if not address.answerable:
        return Standing(_("cannot be answered"), "neutral")
    words = _("since %(day)s") % {"day": day(address.consent_at or address.created_at)}
    if opened is not None and opened.lifted_at == address.consent_at and opened.lifted_by:
        return Standing(words, who=_("recorded by %(name)s") % {"name": called(opened.lifted_by)})
    who = _("by the customer's own word") if address.consent_at else _("by the first contact")
    return Standing(words, who=who)


def summary_of(customer: Customer) -> Standing:
    """Return how consent stands for a customer as a whole; reads addresses as prefetched."""
    if customer.erased_at:
        return Standing(_("erased %(day)s") % {"day": day(customer.erased_at)}, "neutral")
    addresses = [
        address for number in customer.phone_numbers.all() for address in number.addresses.all()
    ]
    closed = [address for address in addresses if address.opted_out_at is not None]
    open_ = [address for address in addresses if address.opted_out_at is None]
    if not addresses:
        return Standing(_("nothing recorded"), "neutral")
    if not closed:
        return standing_of(min(open_, key=lambda address: address.consent_at or address.created_at))
    deleted = [address for address in closed if address.opted_out_by == By.ADMIN]
    newest = max(deleted or closed, key=lambda address: address.opted_out_at or address.created_at)
    if not open_ or deleted:
        return standing_of(newest)
    given = {"channel": newest.get_channel_display(), "day": day(newest.opted_out_at)}  # type: ignore[arg-type]
    return Standing(_("opted out of %(channel)s since %(day)s") % given, "warning")
