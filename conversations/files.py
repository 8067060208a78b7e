"""The stored files of a site, when they have to go."""

from conversations.models import Attachment

AT_ONCE = 20  # a slow storage must not outlast the transaction


def remove_some() -> bool:
    """Remove some of the current site's files from the storage; True while there may be more.

    Called in a transaction that holds what keeps the site from coming back.
    """
    stored = Attachment.objects.exclude(file="").order_by("pk")[:AT_ONCE]
    removed = [_removed(attachment) for attachment in stored]
    Attachment.objects.filter(pk__in=removed).update(file="")
    return len(removed) == AT_ONCE


def _removed(attachment: Attachment) -> int:
    attachment.file.delete(save=False)
    return int(attachment.pk)
