"""Starts a throw-away PostgreSQL before Django reads its settings, and finds Chromium."""

import atexit
import os
import shutil
from contextlib import ExitStack
from pathlib import Path

import pytest

from sandbox.postgres import throw_away_cluster

BROWSER_TESTS = Path(__file__).parent / "browser"


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config, parser, args):
    if not os.environ.get("DATABASE_URL"):
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


def pytest_collection_modifyitems(items):
    for item in items:
        if BROWSER_TESTS in item.path.parents:
            item.add_marker(pytest.mark.browser)
        if not chromium() and item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason="there is no Chromium on the PATH"))
    # Last, in whatever order among themselves: playwright leaves an event loop running in this
    # thread, in which asyncio.run() refuses to work.
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


def chromium():
    return shutil.which("chromium") or shutil.which("chromium-browser")
