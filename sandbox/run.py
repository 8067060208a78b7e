"""The local run: stores, product and sandbox, from nothing to a page one can open."""

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sandbox import demo
from sandbox.broker import Broker, BrokerMissing
from sandbox.environment import (
    OPERATOR_USER,
    Addresses,
    CannotStart,
    product_environment,
    write_private,
)
from sandbox.parent import make_is_ending
from sandbox.postgres import Cluster, PostgresFailed, data_folder_name
from sandbox.readiness import product_down, sandbox_down
from sandbox.supervisor import Child, Supervisor, Tier

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 60
ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PAUSE = 0.1  # seconds between two looks at the children


def say(text: str) -> None:
    with suppress(OSError):  # whoever listened may have gone, as in `make run | head`
        sys.stdout.write(text + "\n")
        sys.stdout.flush()


def run() -> int:
    """Run until SIGINT, SIGTERM or SIGHUP and return the exit code."""
    for number in ENDING_SIGNALS:
        signal.signal(number, signal.default_int_handler)
    state = Path(os.environ.get("STATE_DIR") or ROOT / "var").absolute()
    state.mkdir(parents=True, exist_ok=True)
    try:
        with only_run(state):
            return LocalRun(state, Addresses.from_environment(os.environ)).run()
    except (CannotStart, PostgresFailed, BrokerMissing) as refusal:
        say(str(refusal))
        return 1
    except KeyboardInterrupt:
        return 0


@contextmanager
def only_run(state: Path) -> Iterator[None]:
    with (state / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotStart(
                f"OmniChat already runs on {state}. For a second one set STATE_DIR and the ports."
            ) from None
        yield


class LocalRun:
    def __init__(self, state: Path, addresses: Addresses) -> None:
        self.state = state
        self.addresses = addresses
        self.supervisor = Supervisor(state, ROOT, say)
        self.environment = product_environment(addresses, state)
        self.description = state / "run.json"

    def run(self) -> int:
        began = time.monotonic()
        self.description.unlink(missing_ok=True)
        try:
            described = self._start()
            write_private(self.description, described)
            say(demo.welcome(described, seconds=time.monotonic() - began))
            while not make_is_ending():
                self.supervisor.tend()
                time.sleep(PAUSE)
        except KeyboardInterrupt:
            pass
        finally:
            # One Ctrl-C is enough: a second must not cut the end short.
            for number in ENDING_SIGNALS:
                signal.signal(number, signal.SIG_IGN)
            say("\nStopping...")
            self.description.unlink(missing_ok=True)
            self.supervisor.stop()
        return 0

    def _start(self) -> dict[str, Any]:
        self._start_broker()
        self._start_database()
        self.supervisor.start(self._python("sandbox", "sandbox.world"))
        self._manage("upgrade_sites")
        self._wait_while(lambda: sandbox_down(self.addresses))
        site = self._set_up_site()
        self._manage("add_operator", OPERATOR_USER)
        # Before the product, which asks the account for its templates at once.
        demo.register(site, self.addresses)
        self._start_product()
        broker_url = self.environment["CELERY_BROKER_URL"]
        self._wait_while(lambda: product_down(self.addresses, broker_url))
        return demo.describe(site, self.addresses, self.environment)

    def _start_broker(self) -> None:
        if self.environment.get("CELERY_BROKER_URL"):
            return
        broker = Broker(self.state / "valkey")
        broker.folder.mkdir(exist_ok=True)
        self.environment["CELERY_BROKER_URL"] = os.environ.get("BROKER_LINE") or broker.url
        server = Child("valkey", broker.command, Tier.STORE, death_signal=signal.SIGTERM)
        self.supervisor.start(server)
        self._wait_while(lambda: [] if broker.answers() else ["valkey"])

    def _start_database(self) -> None:
        if self.environment.get("DATABASE_URL"):
            return
        # The default is for a desk; a thousand sites need more (docs/operations.md, "Sizing").
        buffers = os.environ.get("SHARED_BUFFERS")
        settings = {"shared_buffers": buffers} if buffers else {}
        cluster = Cluster(self.state / data_folder_name(), settings)
        cluster.prepare()
        # Whoever disturbs the network between product and stores gives its own end of the line.
        self.environment["DATABASE_URL"] = os.environ.get("DATABASE_LINE") or cluster.url
        server = Child(
            "postgres",
            cluster.command,
            Tier.STORE,
            # PostgreSQL's fast end: SIGTERM would wait for its clients.
            stop_signal=signal.SIGINT,
            death_signal=signal.SIGINT,
            unprivileged=True,
        )
        cluster.open(self.supervisor.start(server))

    def _start_product(self) -> None:
        local = ["--host", "127.0.0.1", "--port"]
        web = ["--interface", "wsgi", *local, str(self.addresses.port), "--workers", "2"]
        web += ["--blocking-threads", "4", "--workers-kill-timeout", "2", "--log-level", "warning"]
        stream = [*local, str(self.addresses.stream_port), "--no-access-log"]
        stream += ["--timeout-graceful-shutdown", "1", "--log-level", "warning"]
        worker = ["--pool", "threads", "--concurrency", "8"]
        worker += ["--without-gossip", "--without-mingle", "--without-heartbeat", "-l", "WARNING"]
        beat = ["-s", str(self.state / "celerybeat"), "-l", "WARNING"]
        celery = ["celery", "-A", "omnichat"]
        for child in (
            # SIGTERM, for it has workers of its own to end.
            self._python("web", "granian", *web, "omnichat.wsgi:application", death=signal.SIGTERM),
            self._python("stream", "uvicorn", *stream, "omnichat.stream:application"),
            self._python("worker", *celery, "worker", *worker, tier=Tier.WORKER),
            self._python("beat", *celery, "beat", *beat, tier=Tier.WORKER),
        ):
            self.supervisor.start(child)

    def _python(
        self,
        name: str,
        *arguments: str,
        tier: Tier = Tier.SERVER,
        death: signal.Signals = signal.SIGKILL,
    ) -> Child:
        # With -m: the scripts of a venv do not bear being moved.
        command = [sys.executable, "-m", *arguments]
        return Child(name, command, tier, environment=self.environment, death_signal=death)

    def _set_up_site(self) -> demo.Site:
        output = self._manage("setup_site", *demo.setup_arguments(self.addresses))
        return demo.Site.from_setup(json.loads(output.splitlines()[-1]))

    def _manage(self, *arguments: str) -> str:
        finished = subprocess.run(  # noqa: S603
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment | demo.SETUP_ENVIRONMENT,
            capture_output=True,
            text=True,
            check=False,
        )
        if finished.returncode != 0:
            raise CannotStart(f"manage.py {arguments[0]} failed:\n{finished.stderr.strip()}")
        return finished.stdout

    def _wait_while(self, down: Callable[[], list[str]]) -> None:
        """Tend the children until nothing is down any more."""
        deadline = time.monotonic() + START_SECONDS
        while names := down():
            if time.monotonic() > deadline:
                raise CannotStart(
                    f"After {START_SECONDS} s still down: {', '.join(names)}. "
                    f"The logs are in {self.supervisor.logs}."
                )
            self.supervisor.tend()
            time.sleep(PAUSE)
