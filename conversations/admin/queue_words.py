"""Why something waits or failed, in words for people: the raw reason stands behind them."""

import re

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from conversations.late_promises import Standstill
from conversations.moments import ago

BY_ITSELF = gettext_lazy("It is tried again by itself.")

# As workers note it: how a reason begins or what is in it, and what it means to an admin.
SENDING: tuple[tuple[str, str | Promise], ...] = (
    (
        r"Jira asks us to slow down|Jira's limit is reached",
        gettext_lazy("Jira's limit is reached. It goes on by itself."),
    ),
    (
        r"Jira (cannot be reached|did not answer|failed)|Jira's answer|Looks for the request",
        gettext_lazy("Jira did not answer. It is tried again by itself."),
    ),
    (
        r"Waits for a token",
        gettext_lazy("Jira has not given the app a token yet. It comes within the hour."),
    ),
    (r"Waits for a licence", gettext_lazy("The licence has ended. Renew it in Jira.")),
    (
        r"No default request type",
        gettext_lazy("No request type is chosen. Choose one under Request defaults."),
    ),
    (
        r"Infobip asks us to slow down|Waits for its turn",
        gettext_lazy("It waits for its turn: not too much is sent at once."),
    ),
    (
        r"Infobip (cannot be reached|did not answer|failed)|Infobip's|The provider did not",
        gettext_lazy("Infobip did not answer. It is tried again by itself."),
    ),
    (
        r"No provider account",
        gettext_lazy("No provider account is connected. Connect one under Provider account."),
    ),
    (
        r"^NotStored$",
        gettext_lazy(
            "The file store is full or away. Tell whoever runs OmniChat. It is tried again by"
            " itself."
        ),
    ),
    (
        r"The file is not (there|in the storage)",
        gettext_lazy("The file is not in the storage any more."),
    ),
    (
        r"The file (did not|took)|No file now|There is no such file|The key may not have",
        gettext_lazy("The provider has not handed out the file yet. It is tried again by itself."),
    ),
    (
        r"Waits for the request and the file",
        gettext_lazy("It waits for the request to be opened, or for the file to come."),
    ),
    (
        r"^[A-Z]\w+(Error|Exception|DoesNotExist)?$",
        gettext_lazy("A defect stopped it. Tell OmniChat's support the reason below."),
    ),
)
READING: tuple[tuple[str, str | Promise], ...] = (
    (r"will be tried again", gettext_lazy("The database was busy. It is tried again by itself.")),
    (
        r"waits for what it speaks of",
        gettext_lazy("It speaks of a message that has not come yet. It waits for it."),
    ),
    (r"^not ours$", gettext_lazy("It was about a message of another system.")),
    (
        r"^\w+ in \w+:\d+$",
        gettext_lazy(
            "OmniChat did not expect it like this. Tell OmniChat's support the reason below."
        ),
    ),
    (
        r"not JSON|not an object|holds more than",
        gettext_lazy("It is damaged, or none of Infobip's."),
    ),
    (
        r"neither a message nor a report|Only delivery reports",
        gettext_lazy("It is no message and no report: Infobip sends more kinds than we read."),
    ),
    (
        r"status that is not known|channel that is not one of ours",
        gettext_lazy("It has a status or a channel that OmniChat does not know."),
    ),
    (
        r"no usable id|names no (message|issue)|more parts|has no type|does not say when",
        gettext_lazy("Something is missing in it, so that OmniChat cannot read it."),
    ),
)


def why_not_sent(reason: str, *, failed: bool) -> str:
    """Return why something is still to be sent, or will not be."""
    if not reason:
        return "" if failed else _("It has not been tried yet.")
    refused = _("It was refused. The words below are Jira's or Infobip's own.")
    return _first(SENDING, reason) or (refused if failed else str(BY_ITSELF))


def still_words(late: Standstill) -> str:
    """Return why a neighbour's promises wait, since when and how many, for a line on a page."""
    words = ngettext(
        "%(reason)s %(count)d task waits, the oldest was promised %(ago)s.",
        "%(reason)s %(count)d tasks wait, the oldest was promised %(ago)s.",
        late.waiting,
    )
    reason = why_not_sent(late.reason, failed=False)
    return words % {"reason": reason, "count": late.waiting, "ago": ago(late.since)}


def why_not_read(reason: str) -> str:
    """Return why something that came was not understood."""
    if not reason:
        return ""
    return _first(READING, reason) or _("OmniChat did not understand it.")


def _first(words: tuple[tuple[str, str | Promise], ...], reason: str) -> str:
    return next((str(said) for known, said in words if re.search(known, reason)), "")
