"""Lines of servers: in our form where they say something, none where they name paths."""

import json
import subprocess
import sys

import pytest

from omnichat import logs

# As a process does: its server has set its own loggers up before our code is read.
PROGRAM = """
import logging, logging.config, sys
from omnichat import logs
of_server = logging.getLogger(sys.argv[1])
of_server.handlers, of_server.propagate = [logging.StreamHandler()], False
of_server.setLevel("INFO")
logging.config.dictConfig(logs.logging_config(level="INFO"))
logs.name_process("worker")
logs.name_site(lambda: "site_acme")
of_server.info(sys.argv[2], 200)
"""


def said(name, words):
    ended = subprocess.run(  # noqa: S603 - our own lines
        [sys.executable, "-c", PROGRAM, name, words], check=True, capture_output=True, text=True
    )
    return [json.loads(line) for line in (ended.stdout + ended.stderr).splitlines()]


@pytest.mark.parametrize("name", logs.SERVERS)
def test_lines_of_servers_are_json(name):
    (line,) = said(name, "Worker ended with %s")

    assert (line["event"], line["logger"]) == ("Worker ended with 200", name)


@pytest.mark.parametrize("name", logs.ACCESS)
def test_access_lines_of_servers_are_not_written(name):
    assert said(name, "GET /hooks/infobip/secret-key/ %s") == []


def test_every_line_says_where_it_is_from():
    (line,) = said("celery", "Ready %s")

    assert (line["process"], line["site"]) == ("worker", "site_acme")
