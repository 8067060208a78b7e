"""Two furnished sites, everybody who may knock, and a tally of what was tried."""

import logging

import pytest
from django.db import connection

from tests.jira_bridge.conftest import keys
from tests.security.identities import identities
from tests.security.world import furnish

__all__ = ["keys"]


@pytest.fixture
def worlds(inside_acme):
    logging.disable(logging.CRITICAL)  # else a line for each of thousands of refusals
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL transaction_timeout = 0")  # one test is one transaction
    yield furnish("acme"), furnish("globex")
    logging.disable(logging.NOTSET)


@pytest.fixture
def everybody(worlds):
    return identities(*worlds)


@pytest.fixture
def tally(record_property):
    """Count what was tried: the end of the run says it (tests.plugin)."""

    def count(**counted):
        for name, number in counted.items():
            record_property(f"walls.{name}", number)

    return count
