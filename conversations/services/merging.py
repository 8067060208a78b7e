"""Making two customers one, when an admin says that they are one person."""

from django.db import transaction
from django.utils.translation import gettext as _

from conversations.errors import InvalidTransition, NotFound
from conversations.models import Conversation, Customer, PhoneNumber
from conversations.phone_numbers import AddressKind, identify
from conversations.services.customers import join, key_of


@transaction.atomic
def merge(customer_id: int, other_id: int, *, by: str) -> Customer:
    """Make two customers one, the older; the newer-used of two active conversations stays active.

    Consent stays with each number as it is. Locks both. Raises NotFound or InvalidTransition.
    """
    if customer_id == other_id:
        raise InvalidTransition(_("This is the same customer. Choose another."), code="same")
    locked = Customer.objects.lock([customer_id, other_id])
    if len(locked) < 2:  # noqa: PLR2004 - both
        raise NotFound(_("One of the two is not there any more. They may be merged already."))
    if any(customer.erased_at for customer in locked):
        raise InvalidTransition(_("An erased person cannot be merged."), code="erased")
    return join(locked, [], by=by)


def find(typed: str, *, but: Customer) -> Customer:
    """Return the other customer: with this whole number, or of the request with this key.

    Raises NotFound or InvalidTransition.
    """
    typed = typed.replace("\0", "").strip()
    conversation = Conversation.objects.filter(issue_key=typed.upper()).exclude(issue_key="")
    found = [each.customer for each in conversation.select_related("customer")[:1]]
    identity = identify(typed)
    if not found and identity.kind is not AddressKind.UNKNOWN:
        numbers = PhoneNumber.objects.filter(key=key_of(identity)).select_related("customer")
        found = [number.customer for number in numbers]
    if not found or found[0].erased_at:
        raise NotFound(
            _("No customer has this number or request. Enter a whole number or a request key.")
        )
    if found == [but]:
        raise InvalidTransition(_("This is the same customer. Enter another."), code="same")
    return found[0]
