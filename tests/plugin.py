"""Starts a throw-away PostgreSQL before Django reads its settings, and finds Chromium."""

import atexit
import os
import shutil
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import pytest

from sandbox.postgres import throw_away_cluster

BROWSER_TESTS = Path(__file__).parent / "browser"
# What the process that deals the tests to workers has: it only reads the settings.
NO_DATABASE = "postgresql:///unused"


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config, parser, args):
    if os.environ.get("DATABASE_URL", NO_DATABASE) != NO_DATABASE:
        return
    if deals_to_workers(early_config.known_args_namespace):
        os.environ["DATABASE_URL"] = NO_DATABASE
    else:
        resources = ExitStack()
        # Not pytest_unconfigure: a broken conftest never gets that far.
        atexit.register(resources.close)
        os.environ["DATABASE_URL"] = resources.enter_context(throw_away_cluster())


def pytest_configure(config):
    if os.environ.get("REQUIRE_BROWSER") == "1" and not chromium():
        raise pytest.UsageError("REQUIRE_BROWSER=1, but there is no Chromium on the PATH")


def pytest_terminal_summary(terminalreporter):
    if not chromium():
        terminalreporter.write_line("Browser tests are skipped: there is no Chromium on the PATH.")
    if said := tallied(terminalreporter):
        terminalreporter.write_line(f"Security matrix: {said}.")


def tallied(terminalreporter):
    """What tests/security have counted, in whichever worker: the sum of each, in words."""
    counted = Counter()
    for report in terminalreporter.getreports("passed"):
        for name, number in report.user_properties:
            if report.when == "call" and name.startswith("walls."):
                counted[name.removeprefix("walls.")] += number
    return ", ".join(f"{number:,} {name}" for name, number in counted.items())


def pytest_collection_modifyitems(items):
    for item in items:
        if BROWSER_TESTS in item.path.parents:
            item.add_marker(pytest.mark.browser)
        if not chromium() and item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason="there is no Chromium on the PATH"))
    # Last: playwright leaves an event loop running in this thread, in which asyncio.run() refuses
    # to work. Among workers the long files first, so that all of them end at about the same time.
    tests = Counter(item.path for item in items if item.get_closest_marker("browser"))
    among_workers = "PYTEST_XDIST_WORKER" in os.environ
    items.sort(key=lambda item: (item.path in tests, -tests[item.path] * among_workers))


def deals_to_workers(options):
    return bool(options.numprocesses) and "PYTEST_XDIST_WORKER" not in os.environ


def chromium():
    """The one without windows if there is one: the same engine at half the processor time."""
    names = ("chromium-headless-shell", "chromium", "chromium-browser")
    return next(filter(None, map(shutil.which, names)), None)
