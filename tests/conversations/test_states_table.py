"""docs/states.md is true: what it says of each event in each state is what the services do."""

import re
from pathlib import Path

import pytest
from django.db import connection, transaction

from tests.conversations.playing import STATES, events_of, play

pytestmark = pytest.mark.django_db

DOCUMENT = Path(__file__).parents[2] / "docs" / "states.md"


def documented():
    """Return by state what the tables say: for each event the state then, the words, the place."""
    tables = {}
    for section in DOCUMENT.read_text().split("\n## ")[1:]:
        name, _, text = section.partition("\n")
        rows = re.findall(r"^\| (.+?) \| (.+?) \| (.+?) \| (.+?) \|$", text, re.MULTILINE)
        tables[name] = {event: tuple(said) for event, *said in rows[1:]}
    return tables


@pytest.fixture(autouse=True)
def _licensed(inside_acme, monkeypatch):
    monkeypatch.setattr(connection.tenant, "licence_active", True)


def in_a_fresh_world(state, event):
    place = transaction.savepoint()
    played = play(state, event)
    transaction.savepoint_rollback(place)
    connection.tenant.licence_active = True
    return played


@pytest.mark.parametrize("state", STATES)
def test_document_says_what_happens(state):
    played = {event: in_a_fresh_world(state, event) for event in events_of(state)}

    assert documented()[state] == played


def test_document_has_every_state():
    assert list(documented()) == list(STATES)
