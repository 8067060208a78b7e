"""The description of the sandbox's Infobip names every control route, fault and number there is."""

import re
from pathlib import Path

from sandbox.faults import WEBHOOK_KINDS
from sandbox.infobip.account_control import OPTIONS
from sandbox.infobip.statuses import FATES, SMS_FATES

TEXT = (Path(__file__).parents[3] / "docs" / "sandbox.md").read_text()
TEXT = TEXT.partition("# Infobip on a desk")[2]
WORDS = set(re.findall(r"\w+", TEXT))


def test_every_control_route_is_described(app):
    paths = {route.path for route in app.routes if route.path.startswith("/_sandbox/")}

    assert set(re.findall(r"/_sandbox/[\w{}/-]+", TEXT)) == paths


def test_every_fault_and_option_is_described():
    assert [word for word in (*WEBHOOK_KINDS, "lost", *OPTIONS) if word not in WORDS] == []


def test_every_ending_of_a_number_is_described():
    assert {*FATES, *SMS_FATES, "95", "70xx"} <= WORDS
