"""Whether the audit log is whole, on the console: asked for, seen, and warned of."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from conversations.admin.notices import Notice
from conversations.models import ChainCheck


def broken_notice() -> Iterator[Notice]:
    """Yield that the last check has found the audit log changed."""
    last = ChainCheck.objects.exclude(ended_at=None).first()
    if last is not None and last.broken_seal is not None:
        yield Notice(
            "error",
            _("The audit log was changed in the database"),
            _(
                "The last check of its chain found a seal that does not fit. See which, and what to do."
            ),
            reverse("admin:conversations_auditevent_changelist"),
        )
