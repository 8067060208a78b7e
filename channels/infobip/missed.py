"""What Infobip still has for us after an outage: its inboxes, and its log of what we sent.

Source: Infobip's SMS and Messages API OpenAPI documents. Both keep 48 hours. An inbox hands each
message out once; the log may be asked as often as one likes, 120 times a minute.
"""

import json
from collections.abc import Iterator

from channels.infobip import client
from channels.models import ProviderAccount

INBOXES: tuple[tuple[str, dict[str, str]], ...] = (
    ("/sms/1/inbox/reports", {}),
    ("/messages-api/1/inbound", {"channel": "WHATSAPP"}),
)
LOG = "/sms/3/logs"
PAGE = 200  # messages: what is handed out is lost with us until it is stored
MOST_IDS = 50  # in one question: they stand in its address, of 2,048 characters at most


def inbox_pages(account: ProviderAccount) -> Iterator[bytes]:
    """Yield bodies as the webhook gets them, until the inboxes are empty.

    Each message is handed out once: store a body before asking for the next.
    """
    for path, parameters in INBOXES:
        rows = PAGE
        while rows >= PAGE:
            page = client.get(account, path, parameters | {"limit": str(PAGE)})
            results = page.get("results")
            rows = len(results) if isinstance(results, list) else 0
            if rows:
                yield json.dumps({"results": results}).encode()


def log_pages(account: ProviderAccount, message_ids: list[str]) -> Iterator[bytes]:
    """Yield bodies of delivery reports: how these messages stand by Infobip's log."""
    for first in range(0, len(message_ids), MOST_IDS):
        asked = message_ids[first : first + MOST_IDS]
        page = client.get(account, LOG, {"messageId": ",".join(asked), "limit": "1000"})
        results = page.get("results")
        if isinstance(results, list) and results:
            yield json.dumps({"results": results}).encode()
