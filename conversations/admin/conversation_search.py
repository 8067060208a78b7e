"""Finding a conversation by what a person has of it: a key, an id, a number, a name."""

import re
from typing import Any

from django.db.models import IntegerField, QuerySet, Value

from conversations.contracts import Channel
from conversations.models import Conversation, Message, PhoneNumber
from conversations.phone_numbers import AddressKind, identify
from conversations.services.customers import key_of

REQUEST = re.compile(r"[A-Za-z][A-Za-z0-9_]*-[0-9]+")
LONGEST_ID = 512


def found(conversations: QuerySet[Conversation], term: str) -> QuerySet[Conversation]:
    """Return the conversations that a typed text means: by what it looks like, else by name.

    Each question is answered by an index. Part of a number finds nothing: by trying it would be
    unmasked.
    """
    if REQUEST.fullmatch(term):
        of_request = conversations.filter(issue_key=term.upper())
        if of_request.exists():
            return of_request
    message = _message(term)
    if message is not None:
        of_message = conversations.filter(pk=message.conversation_id)
        return of_message.annotate(found_message=Value(message.pk, IntegerField()))
    typed = identify(term)
    if typed.kind is not AddressKind.UNKNOWN:
        owners = PhoneNumber.objects.filter(key=key_of(typed)).values_list("customer", flat=True)
        if customers := list(owners):
            return conversations.filter(customer__in=customers)
    return conversations.filter(customer__name__icontains=term)


def _message(term: str) -> Message | None:
    """Return the message with an id of the provider's or of ours."""
    if len(term) > LONGEST_ID:
        return None
    ids: set[Any] = set()
    for channel in Channel:
        ids.update(Message.objects.known_as(channel, term).values_list("pk", flat=True)[:2])
    return Message.objects.filter(pk__in=ids).order_by("pk").first() if ids else None
