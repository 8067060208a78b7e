"""The search for leaks finds what is planted, and lets pass what every line has."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.leak_rules import Leak, Secrets, kinds_in
from tests.process_logs import leaks_in

ROOT = Path(__file__).parents[2]
PLANTED = [
    ("a phone number", "sent to 385991903327"),
    ("a phone number", "https://api.example.com/contacts/385991903327/"),
    ("a phone number", '"to": 385991903327,'),
    ("a phone number", "sent to +385 99 190 3327"),
    ("a path that is a secret", "Not Found: /hooks/infobip/a-key-of-acme/"),
    ("a path that is a secret", "GET /media/WyJzaXRl.abc/file.png"),
    ("a path that is a secret", "GET /panel/files/WyJzaXRl.abc/"),
    ("a path that is a secret", "Forbidden: /admin/invitation/guessed/"),
    ("a token", "key LpQs0XtlM_1Dw3WJqwtEiVh0eNkAsnZSimi6OHxCRsQ refused"),
    ("a JWT", "eyJhbGciOiJIUzI1NiJ9.e30.x"),
    ("a session id", "session n3b6cq1z9k0v5x7w2m4p8r6t1y3u5i7o ended"),
    ("an authenticator's key", "JBSW Y3DP EHPK 3PXP"),
    ("an authenticator's key", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"),
    ("a recovery code", "abcd-efgh-2345-mnop"),
    ("the head of an authorization", "Authorization: App 0f6c-key-of-ours"),
    ("the head of an authorization", "authorization: Bearer users-token"),
]
HARMLESS = [
    '{"event": "outbox_claim_lost", "entry": 12345678, "timestamp": "2026-11-22T10:00:00.123456Z"}',
    '{"schema": "site_0f6c2b1a4d5e6f708192a3b4c5d6e7f8", "seal": 7}',
    '{"task_id": "0f6c2b1a-4d5e-4f70-8192-385991903327"}',
    '{"mac": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}',
    "/srv/omnichat/conversations/services/replies.py:123 test_outside_hours_one_is_sent_4_times",
    "16021:signal-handler (1795435587) Received SIGTERM scheduling shutdown...",
    "<ThreadPoolExecutor object at 0x7f00385991903327>",
]


@pytest.mark.parametrize(("kind", "line"), PLANTED)
def test_planted_secret_is_found_by_its_looks(kind, line):
    assert kind in kinds_in(line)


@pytest.mark.parametrize("line", HARMLESS)
def test_ids_and_places_are_let_pass(line):
    assert kinds_in(line) == set()


@pytest.mark.parametrize("text", ["Where is my parcel?", "password", "Gdje je moj paket? Čekam."])
def test_known_secret_is_found_wherever_it_stands(text):
    known = Secrets()
    known.add("what people wrote", text)

    assert kinds_in(f'{{"reason": "said {text} twice"}}', known) == {"what people wrote"}
    assert kinds_in('{"reason": "said nothing"}', known) == set()


def test_leak_is_named_without_being_said():
    assert str(Leak("a token", "the log of x", "test_y")) == "a token in the log of x (test_y)"


def test_logs_of_processes_are_searched_and_the_outside_worlds_are_not(tmp_path):
    known = Secrets()
    known.add("what people wrote", "Where is my parcel?")
    for name in ("web.log", "web.old.log", "worker.log", "sandbox.log"):
        (tmp_path / name).write_text("started\nWhere is my parcel?\nsent to 385991903327\n")

    assert leaks_in(tmp_path, known) == [
        f"{kind} in a line ({name})"
        for kind in ("a phone number", "what people wrote")
        for name in ("web.log", "web.old.log", "worker.log")
    ]


TEST = """
import logging

from django.contrib.auth.hashers import make_password

from tests.leaks import noting


def test_log():
    logging.getLogger("third.party").warning("sent to %s", "385991903327")


def test_task():
    noting("a task")(("drain", "eyJhbGciOiJIUzI1NiJ9"))


def test_password():
    make_password("four words of ana")
    logging.getLogger("third.party").error("logged in", extra={"with": "four words of ana"})


def test_nothing():
    logging.getLogger("third.party").warning("all is well")
"""


@pytest.mark.parametrize("workers", ["0", "2"])
def test_run_with_leaks_fails_and_names_them(tmp_path, workers):
    finished = run_of(tmp_path, "-n", workers)

    assert (finished.returncode, "4 passed" in finished.stdout) == (1, True)
    for kind, source, test in (
        ("a phone number", "the log of third.party", "test_log"),
        ("a JWT", "a task", "test_task"),
        ("a password", "the log of third.party", "test_password"),
    ):
        named = [line for line in finished.stdout.splitlines() if line.startswith(f"{kind} in")]
        assert [source in line and f"::{test})" in line for line in named] == [True]


def test_run_without_leaks_passes(tmp_path):
    finished = run_of(tmp_path, "-k", "test_nothing")

    assert (finished.returncode, "Secrets came out" in finished.stdout) == (0, False)


def run_of(folder, *arguments):
    """Run tests that need no database in a process of its own, with the check at work."""
    (folder / "conftest.py").write_text('pytest_plugins = ["tests.leaks"]')
    (folder / "test_planted.py").write_text(TEST)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "-p", "no:cacheprovider"]
    command += ["--rootdir", str(ROOT), "-c", str(ROOT / "pyproject.toml"), str(folder)]
    workers_own = ("PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT", "PYTEST_XDIST_TESTRUNUID")
    environment = {name: said for name, said in os.environ.items() if name not in workers_own}
    return subprocess.run(  # noqa: S603 - our own command
        [*command, *arguments],
        cwd=ROOT,
        env={**environment, "DATABASE_URL": "postgresql:///unused"},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
