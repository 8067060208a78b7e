"""A phone in a test: its thread, what it writes, what the company laid on it."""

import time

from sandbox.infobip.ledger import Message

CUSTOMER = "385991903327"
THREAD = {"number": CUSTOMER, "channel": "whatsapp", "to": "385951006720"}
FILE = {"name": "modem.png", "content_type": "image/png", "base64": "iVBORw0KGgo="}


def record(app, **fields):
    """Lay a message of the company on the phone."""
    known = {"channel": "whatsapp", "company": THREAD["to"], "customer": CUSTOMER, "text": ""}
    book = app.state.infobip.ledger
    message = Message(
        **{
            "direction": "out",
            "message_id": f"out-{time.monotonic_ns()}",
            "site": "demo",
            "status": "DELIVERED_TO_HANDSET",
            **known,
            **fields,
        }
    )
    return book.record(message)


def write(phone, **change):
    return phone.post("/api/messages", json=THREAD | {"text": "Halo"} | change)
