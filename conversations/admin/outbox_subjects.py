"""What the entries of the outbox are about: a conversation, or a customer's number."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from conversations.models import Address, Attachment, Conversation, OutboxEntry
from conversations.phone_numbers import mask

# By what is before the id in an entry's group.
OF_CONVERSATIONS = frozenset(
    {
        "conversation",
        "request",
        "annotate",
        "refresh",
        "reporter",
        "transcript",
        "read",
        "typing",
    }
)
OF_ADDRESSES = frozenset({"blocklist.release", "identity.confirm"})
OF_FILES = frozenset({"file"})


@dataclass(frozen=True)
class Subjects:
    """Conversations and masked numbers by the groups that name them."""

    conversations: Mapping[str, Conversation] = field(default_factory=dict)
    numbers: Mapping[str, str] = field(default_factory=dict)


def subjects_of(entries: Iterable[OutboxEntry]) -> Subjects:
    """Look up what entries are about: three statements, however many there are."""
    groups = {entry.group for entry in entries}
    conversations = {
        str(each.pk): each
        for each in Conversation.objects.filter(pk__in=_ids(groups, OF_CONVERSATIONS))
    }
    files = Attachment.objects.filter(pk__in=_ids(groups, OF_FILES)).exclude(message=None)
    of_files = {
        str(each.pk): each.message.conversation
        for each in files.select_related("message__conversation")
        if each.message is not None
    }
    addresses = Address.objects.filter(pk__in=_ids(groups, OF_ADDRESSES))
    numbers = {str(each.pk): mask(each.value) for each in addresses}
    found: dict[str, Conversation] = {}
    for group in groups:
        name, _colon, pk = group.rpartition(":")
        known = conversations if name in OF_CONVERSATIONS else of_files if name in OF_FILES else {}
        if pk in known:
            found[group] = known[pk]
    masked = {
        group: numbers[pk]
        for group in groups
        for name, _colon, pk in [group.rpartition(":")]
        if name in OF_ADDRESSES and pk in numbers
    }
    return Subjects(found, masked)


def _ids(groups: Iterable[str], names: frozenset[str]) -> set[int]:
    pairs = [group.rpartition(":") for group in groups]
    return {int(pk) for name, _colon, pk in pairs if name in names and pk.isdecimal()}
