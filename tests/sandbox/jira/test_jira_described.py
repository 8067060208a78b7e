"""The description of the sandbox's Jira names every route and fault there is."""

import re
from pathlib import Path

from sandbox.faults import EVENT_KINDS, REQUEST_KINDS

TEXT = (Path(__file__).parents[3] / "docs" / "sandbox.md").read_text()
TEXT = TEXT.partition("# Infobip on a desk")[0]


def test_every_control_route_is_described(app):
    paths = {route.path for route in app.routes if route.path.startswith("/_sandbox/")}

    assert set(re.findall(r"/_sandbox/[\w{}/-]+", TEXT)) == paths


def test_every_fault_is_described():
    words = set(re.findall(r"\w+", TEXT))

    assert [kind for kind in (*REQUEST_KINDS, *EVENT_KINDS) if kind not in words] == []
