"""A deployment on this machine: its own stores, and each process by the command of the files."""

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psycopg

from sandbox.broker import Broker
from sandbox.postgres import throw_away_cluster
from tests.deployment import described

PATIENCE_SECONDS = 180
HOST = "omnichat.example.com"
KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
SECRET_KEY = "x0Y9w8V7u6T5s4R3q2P1o0N9m8L7k6J5i4H3g2F1e0D9c8B7a6-tests"
# What an operator's .env says; nothing of the sandbox.
SETTINGS = {
    "SECRET_KEY": SECRET_KEY,
    "ENCRYPTION_KEYS": KEY,
    "AUDIT_KEYS": KEY,
    "APP_URL": f"https://{HOST}",
    "SITE_BASE_HOST": HOST,
    "TRUSTED_PROXIES": "127.0.0.1",
    "FORGE_APP_ID": "ari:cloud:ecosystem::app/00000000-0000-0000-0000-000000000000",
}


@dataclass
class Deployment:
    folder: Path
    settings: dict
    running: dict = field(default_factory=dict)
    ports: dict = field(default_factory=dict)

    def run(self, *command, **more):
        """Run a command of the files to its end, as the image would."""
        return subprocess.run(  # noqa: S603 - of our own files
            self._on_this_machine(command),
            cwd=described.ROOT,
            env=self.environment | more,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_SECONDS,
        )

    def start(self, kind, *more, called=""):
        """Start a process of the files, unless one that is called so runs already."""
        name = called or kind
        if name in self.running and self.running[name].poll() is None:
            return
        process = described.deployed()[kind]
        self.ports[name] = free_port()
        with self.log(name).open("wb") as log:
            self.running[name] = subprocess.Popen(  # noqa: S603 - of our own files
                [*self._on_this_machine(process.command, self.ports[name]), *more],
                cwd=described.ROOT,
                env=self.environment | self._told(process.environment),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def address(self, name):
        return f"http://127.0.0.1:{self.ports[name]}"

    def log(self, name):
        return self.folder / f"{name}.log"

    def connect(self):
        return psycopg.connect(self.settings["DATABASE_URL"], autocommit=True)

    def kill(self, name):
        """End a process at once, with all that it started."""
        os.killpg(self.running[name].pid, signal.SIGKILL)
        self.running[name].wait()

    def kill_all(self):
        for name in self.running:
            with suppress(ProcessLookupError):
                self.kill(name)

    def end(self, name):
        """Ask a process to end; `ended` waits for it."""
        self.running[name].send_signal(signal.SIGTERM)

    def ended(self, name):
        """Return the seconds that it took from now, at most its grace."""
        began = time.monotonic()
        code = self.running[name].wait(described.deployed()[name].grace)
        # uvicorn ends in order, then says by which signal.
        assert code in {0, -signal.SIGTERM}, self.said(name)
        return time.monotonic() - began

    def said(self, name):
        return self.log(name).read_text(errors="replace")[-2000:]

    def wait_until(self, name, found):
        """Ask until the answer is true; a process that has ended is an answer, too."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            with suppress(httpx.HTTPError, psycopg.Error):
                if answer := found():
                    return answer
            assert self.running[name].poll() is None, self.said(name)
            assert time.monotonic() < deadline, self.said(name)
            time.sleep(0.1)

    @property
    def environment(self):
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return kept | self.settings

    def _told(self, environment):
        here = {"/tmp": self.folder, "9100": free_port()}  # noqa: S108 - to be replaced
        return {name: str(here.get(value, value)) for name, value in environment.items()}

    def _on_this_machine(self, command, port=0):
        program, *arguments = command
        start = [] if program == "python" else ["-m", program]
        here = {"0.0.0.0": "127.0.0.1", "8000": str(port)}  # noqa: S104 - to be replaced
        here["/tmp/celerybeat"] = str(self.folder / "celerybeat")  # noqa: S108 - to be replaced
        return [sys.executable, *start, *(here.get(part, part) for part in arguments)]


@contextmanager
def deployment():
    """Yield stores and settings; whatever was started is killed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="omnichat-deployment-"))
    broker = Broker(folder)
    with throw_away_cluster() as database_url:
        stores = {"DATABASE_URL": database_url, "CELERY_BROKER_URL": broker.url}
        paths = {"STATIC_ROOT": str(folder / "static"), "FILES_DIR": str(folder / "files")}
        there = Deployment(folder, SETTINGS | stores | paths)
        valkey = subprocess.Popen(broker.command, stdout=subprocess.DEVNULL)  # noqa: S603
        try:
            yield there
        finally:
            there.kill_all()
            valkey.terminate()
            valkey.wait()
            shutil.rmtree(folder, ignore_errors=True)


def free_port():
    """Return a port from below those that the kernel gives to connections: it stays free."""
    while True:
        port = random.randrange(20_000, 32_000)  # noqa: S311 - no secret
        with suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port
