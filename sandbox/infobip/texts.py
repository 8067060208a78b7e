"""A text a customer wrote, and how to recognise one in a raw body."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Text:
    """A text a customer wrote; `received_at` goes out as it stands, be it odd."""

    channel: str
    customer: str
    company: str
    text: str
    message_id: str
    received_at: str
    name: str | None = None
    format: str = "default"


def texts_in(payload: Any) -> list[Text]:
    """Return the texts of a body in any of the three formats; what is no text is passed over."""
    results = payload.get("results") if isinstance(payload, dict) else None
    rows = results if isinstance(results, list) else []
    return [text for row in rows if isinstance(row, dict) and (text := _text_in(row))]


def _text_in(row: dict[str, Any]) -> Text | None:
    message, content = row.get("message"), row.get("content")
    if isinstance(message, dict):
        channel, body = "whatsapp", message.get("text") or f"({message.get('type')})"
    elif isinstance(content, list) and content and isinstance(content[0], dict):
        channel, body = str(row.get("channel", "sms")).lower(), content[0].get("text")
    else:
        channel, body = "sms", row.get("text")
    customer, company = (
        row.get("from") or row.get("sender"),
        row.get("to") or row.get("destination"),
    )
    message_id, received_at = row.get("messageId"), row.get("receivedAt")
    if not all(isinstance(value, str) for value in (body, customer, company, message_id)):
        return None
    return Text(
        channel=channel,
        customer=str(customer).removeprefix("+"),
        company=str(company).removeprefix("+"),
        text=str(body),
        message_id=str(message_id),
        received_at=str(received_at or ""),
    )
