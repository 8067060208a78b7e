"""Fails a run of the tests in which a secret came into a log line, a task or an outbox row.

Active in every run. Log lines are rendered by the product's own formatter; what is promised and
published is seen where it is written. At the end all of it is searched, in each worker its own.
PYTEST_DONT_REWRITE: it holds no assertion, and is imported before pytest could.
"""

import json
import logging
import os
import re
from contextlib import contextmanager
from itertools import chain

import pytest
from celery.signals import before_task_publish
from cryptography.fernet import MultiFernet
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db.backends.signals import connection_created

from omnichat import error_reports
from omnichat.logs import logging_config
from tests.leak_rules import Leak, Secrets, kinds_in

# The outside world logs by itself what it likes, and tests what they do.
NOT_OURS = ("httpx", "httpcore", "playwright", "faker", "tests")
OUTBOX = re.compile(r'^(?:INSERT INTO|UPDATE) "conversations_outboxentry"')
WRITTEN_BY_PEOPLE = re.compile(
    r'^(?:INSERT INTO|UPDATE) "conversations_(message|draft|customer|cannedreply|attachment)"'
)
MANY_WORDS = 12  # letters; a shorter text may stand anywhere by chance


class Watch(logging.Handler):
    """What has been said in this process, each line once, with the test that was running."""

    def __init__(self):
        super().__init__(logging.INFO)
        formatter = logging_config(level="INFO")["formatters"]["json"]
        self.setFormatter(formatter.pop("()")(**formatter))
        self.secrets = Secrets()
        self.said = {}
        self.test = "before the first test"
        self.looks_away = False

    def emit(self, record):
        if record.name.startswith(NOT_OURS):
            return
        event = json.loads(self.format(record))
        event.pop("timestamp", None)
        self.note(f"the log of {record.name}", event)

    def note(self, source, what):
        if self.looks_away:
            return
        line = json.dumps(what, ensure_ascii=False, default=str)
        self.said.setdefault((source, line), self.test)

    def leaks(self):
        found = {}
        for (source, line), test in self.said.items():
            for kind in kinds_in(line, self.secrets):
                found.setdefault((kind, source), Leak(kind, source, test))
        return [str(leak) for leak in found.values()]

    def look_at_statement(self, execute, sql, params, many, context):
        if isinstance(sql, str) and sql.startswith(("INSERT", "UPDATE")):
            values = list(chain(*params)) if many else list(params or ())
            if OUTBOX.match(sql):
                self.note("an outbox row", values)
            if OUTBOX.match(sql) is None and (table := WRITTEN_BY_PEOPLE.match(sql)):
                self._learn(table[1], values)
        return execute(sql, params, many, context)

    def _learn(self, table, values):
        for value in values:
            if isinstance(value, str) and len(value) >= MANY_WORDS and " " in value.strip():
                self.secrets.add(f"what people wrote ({table})", value)


_watch = Watch()


def noting(what):
    """Return what stands in for a queue of hints: it keeps what would be published."""
    return lambda subject, number=0: _watch.note(what, subject)


@contextmanager
def planted():
    """Look away while a test itself writes what the product never does, to see who shows it."""
    _watch.looks_away = True
    yield
    _watch.looks_away = False


def pytest_sessionstart():
    before_task_publish.connect(_look_at_task, weak=False)
    connection_created.connect(_look_at_connection, weak=False)
    _learn_from(MultiFernet, "encrypt", "a secret that is stored encrypted")
    _learn_from(MD5PasswordHasher, "encode", "a password")
    _look_at_error_reports()
    for name in ("SECRET_KEY", "ENCRYPTION_KEYS", "AUDIT_KEYS"):
        _watch.secrets.add(f"the setting {name}", os.environ.get(name, ""))


def pytest_runtest_logstart(nodeid):
    _watch.test = nodeid
    root = logging.getLogger()
    if _watch not in root.handlers:  # settings make the list of handlers anew
        root.addHandler(_watch)


def pytest_sessionfinish(session):
    found = _watch.leaks()
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["leaks"] = found
        return
    _found.extend(found)
    if _found and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    _found.extend(getattr(node, "workeroutput", {}).get("leaks", []))


def pytest_terminal_summary(terminalreporter):
    if _found:
        terminalreporter.section("Secrets came out", red=True)
        for leak in sorted(set(_found)):
            terminalreporter.write_line(leak)


_found = []


def _look_at_task(sender=None, body=None, headers=None, **_others):
    _watch.note(f"the task {sender}", [body, headers])


def _look_at_error_reports():
    scrubbed = error_reports.scrubbed

    def looked_at(event, hint, **named):
        report = scrubbed(event, hint, **named)
        _watch.note("an error report", report)
        return report

    error_reports.scrubbed = looked_at


def _look_at_connection(connection, **_others):
    if _watch.look_at_statement not in connection.execute_wrappers:
        connection.execute_wrappers.append(_watch.look_at_statement)


def _learn_from(owner, name, kind):
    original = getattr(owner, name)

    def learning(self, secret, *arguments, **named):
        text = secret.decode(errors="replace") if isinstance(secret, bytes) else secret
        _watch.secrets.add(kind, text)
        return original(self, secret, *arguments, **named)

    setattr(owner, name, learning)
