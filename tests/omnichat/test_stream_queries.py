"""Hostile queries at the stream: each opens the panel's own request, and never another site's."""

import asyncio
from urllib.parse import quote

import pytest

from conversations.bell import PresenceRing, Ring
from omnichat.stream import PING, Stream
from tests.omnichat.test_stream import Panel, bearer
from tests.security.hostile import TEXTS

OWN, FOREIGN = 7, 8  # conversations of acme, where the panel is, and of globex
ISSUE = "10101"
OF_THE_ISSUE = {("site_acme", ISSUE), ("site_acme", f"presence:{ISSUE}")}
# None is a conversation's number: the panel listens for the one that begins on its issue.
NOTHING = {
    **{f"text {number}": quote(text) for number, text in enumerate(TEXTS)},
    "negative": "-7",
    "signed": "%2B7",
    "a fraction": "7.0",
    "an exponent": "7e0",
    "hexadecimal": "0x7",
    "other digits": "%D9%A7",
    "beyond a bigint": str(2**63),
    "4,300 digits and more": "9" * 5_000,
    "a NUL behind": "7%00",
    "a bare NUL": "\x00",
    "blanks": "%207%0A",
    "no UTF-8": "%ff%fe",
    "half an escape": "%",
    "another site's": f"site_globex:{FOREIGN}",
    "another request": "presence:10102",
    "many fields": "x" + "&x=7" * 10_000,
}
REPEATED = {
    "the same": f"conversation={OWN}&conversation={OWN}",
    "another behind": f"conversation={OWN}&conversation={FOREIGN}",
    "nonsense behind": f"conversation={OWN}&conversation=%00",
    "a list beside": f"conversation={OWN}&conversation[]={FOREIGN}",
    "a site beside": f"conversation={OWN}&site=site_globex&schema_name=site_globex&issue=10102",
}


@pytest.fixture(scope="module")
def token():
    return bearer(issue_id=ISSUE)


async def opened(query, token):
    """Open a panel by a query; return what it listens to, and what each site's rings tell it."""
    stream = Stream()
    panel = Panel(stream, query=query, headers=[token])
    running = asyncio.create_task(panel.run())
    assert (await panel.hear(), await panel.hear()) == (200, PING)
    subjects = {subject for subject, bells in stream.bells.items() if bells}
    for number in (0, OWN, FOREIGN):
        stream._ring(str(Ring("site_globex", number, 1, ISSUE)))
    stream._ring(str(PresenceRing("site_globex", ISSUE, "712:b")))
    of_others = [bell.waiting for bells in stream.bells.values() for bell in bells if bell.waiting]
    stream._ring(str(Ring("site_acme", OWN, 2, ISSUE)))
    of_ours = await panel.hear()
    panel.left.set()
    await running
    return subjects, of_others, of_ours


@pytest.mark.parametrize("name", NOTHING)
def test_nonsense_asks_for_no_conversation_and_rings_at_the_request(name, token):
    heard = asyncio.run(opened(f"conversation={NOTHING[name]}", token))

    assert heard == (OF_THE_ISSUE, [], b"event: ring\ndata: 2\n\n")


@pytest.mark.parametrize("query", ["", "&&;;=", "conversation", "conversation[]=7", "x" * 100_000])
def test_query_without_a_conversation(query, token):
    heard = asyncio.run(opened(query, token))

    assert heard == (OF_THE_ISSUE, [], b"event: ring\ndata: 2\n\n")


@pytest.mark.parametrize("name", REPEATED)
def test_first_of_many_counts_and_nothing_beside_it(name, token):
    heard = asyncio.run(opened(REPEATED[name], token))

    listens = {("site_acme", OWN), ("site_acme", f"presence:{ISSUE}")}
    assert heard == (listens, [], b"event: ring\ndata: 2\n\n")


def test_number_of_another_sites_conversation_is_a_number_of_its_own(token):
    async def play():
        stream = Stream()
        panel = Panel(stream, query=f"conversation={FOREIGN}", headers=[token])
        running = asyncio.create_task(panel.run())
        await panel.hear()
        subjects = {subject for subject, bells in stream.bells.items() if bells}
        (bell,) = stream.bells["site_acme", FOREIGN]
        stream._ring(str(Ring("site_globex", FOREIGN, 1, ISSUE)))
        panel.left.set()
        await running
        return subjects, bell.waiting

    listens = {("site_acme", FOREIGN), ("site_acme", f"presence:{ISSUE}")}
    assert asyncio.run(play()) == (listens, {})
