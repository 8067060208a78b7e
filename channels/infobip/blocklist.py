"""Infobip's blocklist: whom an account sends nothing to, whoever put them there.

Source: Infobip's OpenAPI document of the blocklist. It may be asked once a second. What it takes
off is what has exactly the properties that are named.
"""

from typing import Any

from channels.infobip import client
from channels.infobip.dates import EARLIEST, told_moment
from channels.infobip.fields import digits, mapping, mappings, text_of
from channels.infobip.inbound import CHANNELS
from channels.models import ProviderAccount
from channels.provider_account import Block, BlocklistPage

PATH = "/platform/1/blocklists"
PAGE = 1000  # the most that is handed out at once
PROPERTIES = ("sender", "channel", "sourceType")


def blocklist_page(account: ProviderAccount, number: int) -> BlocklistPage:
    answer = client.get(account, PATH, {"page": str(number), "size": str(PAGE)})
    rows = mappings(answer.get("results"))
    pages = mapping(answer.get("paging")).get("totalPages")
    is_last = number + 1 >= pages if isinstance(pages, int) else len(rows) < PAGE
    return BlocklistPage(_blocks(rows), is_last=is_last or not rows)


def blocks_of(account: ProviderAccount, address: str) -> list[Block]:
    answer = client.get(account, PATH, {"destination": address, "size": str(PAGE)})
    return _blocks(mappings(answer.get("results")))


def lift_blocks(account: ProviderAccount, blocks: list[Block]) -> None:
    entries = [{"destinations": [{"to": block.address}]} | block.properties for block in blocks]
    client.delete(account, PATH, {"blocklist": entries})


def _blocks(rows: list[dict[str, Any]]) -> list[Block]:
    return [_block(row) for row in rows if _is_about_us(row)]


def _is_about_us(row: dict[str, Any]) -> bool:
    channel = text_of(row, "channel").upper()
    return bool(text_of(row, "destination")) and (not channel or channel in CHANNELS)


def _block(row: dict[str, Any]) -> Block:
    channel = text_of(row, "channel").upper()
    said = {name: text_of(row, name) for name in PROPERTIES}
    return Block(
        address=text_of(row, "destination"),
        sender_number=digits(said["sender"]),
        channel=CHANNELS[channel] if channel else None,
        # A block without a date is older than any word of the customer's.
        since=told_moment(row.get("createdDate")) or EARLIEST,
        by_customer=said["sourceType"].upper() == "MO",
        properties={name: value for name, value in said.items() if value},
    )
