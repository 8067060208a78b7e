"""Searches the processes' logs of all rounds for texts, numbers and secrets."""

from tests.chaos.report import say
from tests.chaos.verdict import Figure
from tests.process_logs import leaks_in, secrets_of


def log_figures(stage):
    """Say what stands in the logs and must not, by its kind, and return the figure of it."""
    found = leaks_in(stage.run.state / "log", secrets_of(stage.run.described))
    for leak in found:
        say(f"BREACH in the logs: {leak}")
    return [Figure("leaks into the logs", len(found), 0)]
