"""What an Infobip account says of itself: whether its key is good, its numbers, its senders.

Source: Infobip's OpenAPI documents of account management, numbers and WhatsApp. Nothing here
changes anything at Infobip, or takes a message that is handed out once.
"""

from collections.abc import Collection, Iterator
from time import sleep
from typing import Any

from django.utils.translation import gettext_lazy

from channels.infobip import client
from channels.models import ProviderAccount
from channels.provider_account import Health, Number, Right
from conversations.contracts import Channel
from conversations.errors import PermanentFailure

NUMBERS = "/numbers/1/numbers"
PAGE = 50
MOST_PAGES = 100
BETWEEN_PAGES = 1.0  # seconds, after the second page: Infobip's own limit
MOST_ASKED = 50  # senders in one question
UNAUTHORIZED = "401"
FORBIDDEN = "403"
NUMBERS_SCOPE = "numbers:manage"


RIGHTS = (
    Right("message:send", gettext_lazy("Sending messages")),
    Right(
        "inbound-message:read",
        gettext_lazy("Customers' files, and messages missed during an outage"),
    ),
    Right(
        "whatsapp:manage",
        gettext_lazy("Templates, read marks, the quality of senders"),
        "/whatsapp/1/templates",
    ),
    Right(
        "sms:logs:read",
        gettext_lazy("Finding out what became of an SMS after an interruption"),
        "/sms/3/logs",
        "limit",
    ),
    Right(NUMBERS_SCOPE, gettext_lazy("Listing your numbers here")),
    Right(
        "subscriptions:manage",
        gettext_lazy("Subscribing the webhook by one button"),
        "/subscriptions/1/subscription/SMS",
    ),
    Right(
        "blocklist:manage",
        gettext_lazy("Customers who opted out at Infobip"),
        "/platform/1/blocklists",
    ),
)


def check_key(account: ProviderAccount) -> None:
    """Have the key checked; one that may not ask for the balance is a good key all the same.

    Raises PermanentFailure (code 401 for a refused key) or TemporaryFailure.
    """
    try:
        client.get(account, "/account/1/balance", {})
    except PermanentFailure as failure:
        if failure.code != FORBIDDEN:
            raise


def is_lacking(account: ProviderAccount, right: Right) -> bool | None:
    """Whether the key lacks a right; None where that cannot be told.

    Raises PermanentFailure for a key that is refused altogether, or TemporaryFailure.
    """
    if not right.path:
        return None
    try:
        client.get(account, right.path, {right.one_row: "1"})
    except PermanentFailure as failure:
        if failure.code == UNAUTHORIZED:
            raise
        return True if failure.code == FORBIDDEN else None
    return False


def numbers(account: ProviderAccount) -> list[Number]:
    """Return the account's numbers. Raises TemporaryFailure or PermanentFailure."""
    return [_number(row) for row in _rows(account) if row.get("number")]


def health(account: ProviderAccount, senders: Collection[str]) -> dict[str, Health]:
    """Return how WhatsApp senders stand; a number that is none of the account's is left out.

    Raises TemporaryFailure or PermanentFailure.
    """
    asked, found = sorted(senders), {}
    for start in range(0, len(asked), MOST_ASKED):
        some = ",".join(asked[start : start + MOST_ASKED])
        answer = client.get(account, "/whatsapp/1/senders/quality", {"senders": some})
        for row in _objects(answer.get("results")):
            found[str(row.get("sender") or "")] = Health(
                quality=_word(row.get("qualityRating")),
                state=_word(row.get("status")),
                daily_limit=_word(row.get("currentLimit")).removeprefix("limit-"),
            )
    return found


def _rows(account: ProviderAccount) -> Iterator[dict[str, Any]]:
    seen = 0
    for page in range(MOST_PAGES):
        if page > 1:
            sleep(BETWEEN_PAGES)
        answer = client.get(account, NUMBERS, {"limit": str(PAGE), "page": str(page)})
        rows = _objects(answer.get("numbers"))
        yield from rows
        seen += len(rows)
        total = answer.get("numberCount")
        if not rows or (seen >= total if isinstance(total, int) else len(rows) < PAGE):
            return


def _number(row: dict[str, Any]) -> Number:
    said = row.get("capabilities")
    capabilities = {str(one).lower() for one in said} if isinstance(said, list) else set()
    channels = frozenset(channel for channel in Channel if channel.value in capabilities)
    return Number(str(row["number"]).removeprefix("+"), channels)


def _objects(value: Any) -> list[dict[str, Any]]:
    rows = value if isinstance(value, list) else []
    return [row for row in rows if isinstance(row, dict)]


def _word(value: Any) -> str:
    return str(value or "").lower().replace("_", "-")[:20]
