"""What the sandbox is told by its environment."""

import pytest

from sandbox.config import Config


@pytest.mark.parametrize(
    ("said", "units"),
    [
        ({}, (1.0, None)),
        ({"SANDBOX_RETRY_UNIT": "0.5"}, (0.5, None)),
        ({"SANDBOX_EVENT_UNIT": "2.5"}, (1.0, 2.5)),
    ],
)
def test_clocks_of_infobip_and_forge_are_told_apart(monkeypatch, said, units):
    for name, value in said.items():
        monkeypatch.setenv(name, value)

    config = Config.from_environment()

    assert (config.retry_unit, config.event_unit) == units
