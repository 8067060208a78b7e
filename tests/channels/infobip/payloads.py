"""The bodies in tests/payloads/infobip: values of our own in the provider's shapes."""

import json
from pathlib import Path

from channels.infobip import webhook

FOLDER = Path(__file__).parents[2] / "payloads" / "infobip"
SENDERS = {"385951006719": "sms", "385951006720": "whatsapp"}


def body(name):
    return (FOLDER / f"{name}.json").read_bytes()


def items(name):
    return [json.loads(item.body) for item in webhook.split(body(name))]


def parse(item):
    return webhook.parse(item, channel_of=SENDERS.get)


def parsed(name):
    """Return what the first item of a body says."""
    return parse(items(name)[0])
