"""The stream's addresses, found in its source: who hears, and that it is of their own request."""

import asyncio
import re
from inspect import getsource

import pytest
from asgiref.sync import async_to_sync

from omnichat.stream import Stream
from tests.omnichat.test_stream import Panel
from tests.security.knocking import METHODS, OTHER_METHODS

pytestmark = pytest.mark.django_db

ADDRESSES = sorted(set(re.findall(r'case "\w+", "(/[^"]*)"', getsource(Stream._answer))))
BELL = "/stream/"
OPEN = {"/healthz", "/readyz", "/metrics"}


async def answer_of(stream, identity, address, method):
    """Return the status of an answer, and which subjects were listened to meanwhile."""
    carried = {b"authorization": identity.authorization, b"cookie": identity.cookie}
    headers = [(name, value.encode()) for name, value in carried.items() if value]
    panel = Panel(stream, method=method, path=address, query=identity.query, headers=headers)
    running = asyncio.create_task(panel.run())
    status = await panel.hear()
    subjects = {subject for subject, bells in stream.bells.items() if bells}
    panel.left.set()
    await running
    return status, subjects


def everything(everybody):
    async def play():
        stream = Stream()
        return {
            (name, address, method): await answer_of(stream, identity, address, method)
            for name, identity in everybody.items()
            for address in [*ADDRESSES, "/", "/stream", "/stream/../healthz"]
            for method in METHODS + OTHER_METHODS
        }

    return async_to_sync(play)()


def test_stream_opens_to_sessions_alone(everybody, tally):
    answers = everything(everybody)

    tally(requests=len(answers))
    assert set(ADDRESSES) == {*OPEN, BELL}
    at_the_bell = {(name, status) for (name, at, _), (status, _) in answers.items() if at == BELL}
    heard = {name for name, status in at_the_bell if status == 200}
    assert heard == signed_by_us(everybody)
    # 204 is what a browser's question beforehand gets.
    assert {status for name, status in at_the_bell if name not in heard} == {204, 401, 404}
    elsewhere = {status for (_, at, _), (status, _) in answers.items() if at not in ADDRESSES}
    assert elsewhere == {404}


def signed_by_us(everybody):
    """Return who has a valid session; the stream asks no database whether its site is at work."""
    agents = {name for name, identity in everybody.items() if identity.session}
    return {*agents, "agent of a site that is none"}


def test_nobody_listens_to_what_is_not_of_their_request(everybody, worlds):
    own, other = worlds

    listened = {}
    for (name, _at, _method), (_status, subjects) in everything(everybody).items():
        listened.setdefault(name, set()).update(subjects)

    acme, globex = own.site.schema_name, other.site.schema_name
    assert {name: each for name, each in listened.items() if each} == {
        "agent": subjects_of(acme, own.issue_id),
        "agent who may only read": subjects_of(acme, own.issue_id),
        "agent of another request": subjects_of(acme, own.other_issue_id),
        "agent of another site": subjects_of(globex, other.issue_id),
        "agent of a site that is none": subjects_of("public", own.issue_id),
    }


def subjects_of(schema, issue_id):
    return {(schema, issue_id), (schema, f"presence:{issue_id}")}
