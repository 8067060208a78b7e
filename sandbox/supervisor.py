"""Keeps the processes of the local run alive, and ends them in order."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

from sandbox.launch import launch

FIRST_DELAY = 0.2  # seconds before a restart, doubled each time
LONGEST_DELAY = 5.0
STEADY_SECONDS = 30.0  # after so long a life the delay begins anew


class Tier(IntEnum):
    """What ends together; a higher tier needs the lower ones and ends before them."""

    STORE = 0
    SERVER = 1
    WORKER = 2


@dataclass(frozen=True)
class Child:
    name: str
    command: Sequence[str]
    tier: Tier
    environment: Mapping[str, str] | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    death_signal: signal.Signals = signal.SIGKILL
    grace: float = 3.0
    """Seconds from the stop signal to SIGKILL."""
    unprivileged: bool = False


@dataclass
class Life:
    child: Child
    process: subprocess.Popen[bytes]
    began: float
    delay: float = FIRST_DELAY
    restart_at: float | None = None


class Supervisor:
    """Starts children and restarts those that die; use it from the main thread only."""

    def __init__(self, state: Path, root: Path, say: Callable[[str], None]) -> None:
        self.root = root
        self.say = say
        self.logs = state / "log"
        self.pids = state / "pids"
        self.lives: dict[str, Life] = {}
        for folder in (self.logs, self.pids):
            folder.mkdir(parents=True, exist_ok=True)

    def start(self, child: Child) -> subprocess.Popen[bytes]:
        with suppress(FileNotFoundError):
            self.log_of(child.name).replace(self.logs / f"{child.name}.old.log")
        process = self._launch(child)
        self.lives[child.name] = Life(child, process, time.monotonic())
        return process

    def log_of(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def tend(self) -> None:
        """Notice the dead and restart those whose delay is over; call it several times a second."""
        now = time.monotonic()
        for life in self.lives.values():
            if life.restart_at is None:
                if life.process.poll() is not None:
                    self._bury(life, now)
            elif now >= life.restart_at:
                life.process = self._launch(life.child)
                life.began, life.restart_at = now, None

    def stop(self) -> None:
        """End all children, the highest tier first."""
        for tier in sorted(Tier, reverse=True):
            self._stop_together([life for life in self.lives.values() if life.child.tier == tier])
        self.lives.clear()

    def _launch(self, child: Child) -> subprocess.Popen[bytes]:
        with self.log_of(child.name).open("ab") as log:
            process = launch(
                child.command,
                death_signal=child.death_signal,
                unprivileged=child.unprivileged,
                cwd=self.root,
                env=child.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self._pid_file(child).write_text(f"{process.pid}\n")
        return process

    def _pid_file(self, child: Child) -> Path:
        return self.pids / f"{child.name}.pid"

    def _bury(self, life: Life, now: float) -> None:
        child = life.child
        _end_group(life.process)
        if now - life.began >= STEADY_SECONDS:
            life.delay = FIRST_DELAY
        life.restart_at = now + life.delay
        self.say(
            f"{child.name} {_cause(life.process.returncode)}; starting it again in "
            f"{life.delay:.1f} s (see {self.log_of(child.name)})"
        )
        life.delay = min(2 * life.delay, LONGEST_DELAY)

    def _stop_together(self, lives: list[Life]) -> None:
        for life in lives:
            if life.process.poll() is None:
                life.process.send_signal(life.child.stop_signal)
        asked = time.monotonic()
        for life in lives:
            with suppress(subprocess.TimeoutExpired):
                life.process.wait(max(0.0, asked + life.child.grace - time.monotonic()))
            _end_group(life.process)
            self._pid_file(life.child).unlink(missing_ok=True)


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """Kill the process and what it started: an orphaned web worker would keep its port."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _cause(returncode: int) -> str:
    if returncode < 0:
        return f"was killed by {signal.Signals(-returncode).name}"
    return f"ended with code {returncode}"
