"""The whole product as `make run` starts it, on free ports with a state folder of its own.

For what measures or disturbs real processes: `make bench` and `make chaos`.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import psycopg

from sandbox.broker import Broker
from sandbox.environment import Addresses, product_environment

ROOT = Path(__file__).resolve().parents[1]
START_SECONDS = 90
END_SECONDS = 30


class RunFailed(RuntimeError):
    pass


@dataclass
class LocalRun:
    """A running product: `described` is what `run.json` says."""

    state: Path
    addresses: Addresses
    described: dict
    supervisor: subprocess.Popen

    @property
    def schema(self):
        return self._site[0]

    @cached_property
    def _site(self):
        with self.connect() as connection:
            return connection.execute(
                "SELECT schema_name FROM public.tenants_site WHERE slug = %s",
                (self.described["site"],),
            ).fetchone()

    @cached_property
    def environment(self):
        """The product's settings, for management commands beside the running processes."""
        stores = {
            "DATABASE_URL": self.described["database_url"],
            "CELERY_BROKER_URL": Broker(self.state / "valkey").url,
        }
        return product_environment(self.addresses, self.state) | stores

    def connect(self, schema=None):
        """Open a database connection for looking, in the site's schema if it is named."""
        path = f"-csearch_path={schema},public" if schema else ""
        return psycopg.connect(self.described["database_url"], autocommit=True, options=path)

    def pid(self, name):
        if self.supervisor.poll() is not None:
            raise RunFailed(f"The run ended by itself:\n{_said(self.state)}")
        return int((self.state / "pids" / f"{name}.pid").read_text())

    def signal(self, name, number, *, group=False):
        """Send a signal to a supervised process, or to it and all that it started."""
        with suppress(ProcessLookupError):
            (os.killpg if group else os.kill)(self.pid(name), number)

    def manage(self, *arguments):
        """Run a management command and return what it printed."""
        finished = subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "-W", "ignore", "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if finished.returncode:
            raise RunFailed(f"manage.py {arguments[0]} failed:\n{finished.stderr[-2000:]}")
        return finished.stdout

    def ask_product(self, program):
        """Run lines of Python inside the product; returns the JSON object printed last."""
        return json.loads(self.manage("shell", "-v", "0", "-c", program).splitlines()[-1])


@contextmanager
def local_run(*, keep=False, state=None, **environment):
    """Start the product, yield it, end it and remove its state; `keep` leaves the state."""
    state = state or Path(tempfile.mkdtemp(prefix="omnichat-run-"))
    addresses = Addresses(*_free_ports(4))
    ports = {
        "PORT": addresses.port,
        "JIRA_PORT": addresses.jira_port,
        "INFOBIP_PORT": addresses.infobip_port,
        "PHONES_PORT": addresses.phones_port,
    }
    told = {name: str(port) for name, port in ports.items()} | {"STATE_DIR": str(state)}
    own = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "CELERY_BROKER_URL"}}
    with (state / "run.log").open("wb") as log:
        supervisor = subprocess.Popen(
            [sys.executable, "-m", "sandbox"],
            cwd=ROOT,
            env=own | told | environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield LocalRun(state, addresses, _wait_until_up(supervisor, state), supervisor)
    finally:
        _end(supervisor)
        if not keep:
            shutil.rmtree(state, ignore_errors=True)


def wait_until(found, patience=40):
    """Ask until the answer is true, and return it: what other processes do takes its time."""
    deadline = time.monotonic() + patience
    while not (answer := found()):
        assert time.monotonic() < deadline, "It did not come about."
        time.sleep(0.1)
    return answer


def _wait_until_up(supervisor, state):
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and supervisor.poll() is None:
        with suppress(FileNotFoundError):
            return json.loads((state / "run.json").read_text())
        time.sleep(0.1)
    raise RunFailed(f"The product did not start:\n{_said(state)}")


def _said(state):
    return (state / "run.log").read_text(errors="replace")[-2000:]


def _end(supervisor):
    if supervisor.poll() is None:
        supervisor.send_signal(signal.SIGINT)
    try:
        supervisor.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        supervisor.kill()
        supervisor.wait()


def _free_ports(count):
    with ExitStack() as probes:
        taken = [probes.enter_context(socket.socket()) for _ in range(count)]
        for probe in taken:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in taken]
