"""What the processes of a run use: processor time and memory, as the kernel counts them."""

import os
import signal
import socket
import sys
from collections import defaultdict
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sandbox.launch import launch
from tests.local_run import ROOT, wait_until

TICKS = os.sysconf("SC_CLK_TCK")
NAMES = ("web", "stream", "worker", "beat", "postgres", "valkey", "sandbox")
OPERATIONS = ROOT / "docs" / "operations.md"


@dataclass(frozen=True)
class Group:
    """A process with all that it started."""

    name: str
    leader: int

    def seconds(self, tree):
        """Return the processor time so far, of its ended children too."""
        total = 0
        for pid in self.members(tree):
            with suppress(FileNotFoundError, ProcessLookupError):
                total += sum(map(int, _stat(pid)[11:13]))
                if pid == self.leader:
                    total += sum(map(int, _stat(pid)[13:15]))
        return total / TICKS

    def megabytes(self, tree):
        """Return its memory; what processes share is counted once (PSS)."""
        return sum(megabytes(pid) for pid in self.members(tree))

    def members(self, tree):
        found = [self.leader]
        for pid in found:  # grows meanwhile
            found += tree.get(pid, [])
        return found


@dataclass(frozen=True)
class Web(Group):
    """A web of its own, beside that of the run."""

    port: int


class Processes:
    """The processes of a run, and others that are measured beside them."""

    def __init__(self, run, *others):
        names = [name for name in NAMES if (run.state / "pids" / f"{name}.pid").exists()]
        self.groups = [*(Group(name, run.pid(name)) for name in names), *others]

    def seconds(self):
        return seconds_of(self.groups)

    def megabytes(self):
        tree = _tree()
        return {group.name: round(group.megabytes(tree), 1) for group in self.groups}


def seconds_of(groups):
    """Return the processor time of each so far."""
    tree = _tree()
    return {group.name: group.seconds(tree) for group in groups}


def megabytes(pid):
    """Return the memory of one process; of what it shares its share (PSS)."""
    with suppress(FileNotFoundError, ProcessLookupError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1000
    return 0.0


def used(before, after):
    """Return the seconds of processor time between two looks, and those of the product alone."""
    each = {name: round(after[name] - before[name], 2) for name in after}
    return each, sum(seconds for name, seconds in each.items() if name != "sandbox")


def in_words(seconds, wall):
    """Say who was how busy: 100 % is one processor."""
    busiest = sorted(seconds.items(), key=lambda item: -item[1])
    shares = [f"{name} {used / wall:.0%}" for name, used in busiest if used / wall >= 0.01]
    return "processor: " + ", ".join(shares)


@contextmanager
def hooks(run):
    """Run the processes for webhooks as production has them, on a free port; yields them.

    The command is the one that docs/operations.md gives for them.
    """
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [*documented("hooks"), "--host", "127.0.0.1", "--port", str(port)]
    command += ["--workers-kill-timeout", "2", "--log-level", "warning"]
    with (run.state / "hooks.log").open("wb") as log:
        process = launch(
            [sys.executable, "-m", *command],
            death_signal=signal.SIGTERM,
            cwd=ROOT,
            env=run.environment,
            stdout=log,
            stderr=log,
        )
    try:
        wait_until(lambda: _listens(port))
        yield Web("hooks", process.pid, port)
    finally:
        process.terminate()
        process.wait()


def stream_port(run):
    """Return where the run's stream process listens: the run has chosen a free port."""
    words = Path(f"/proc/{run.pid('stream')}/cmdline").read_text().split("\0")
    return int(words[words.index("--port") + 1])


def documented(name):
    """Return the command of docs/operations.md, "Processes", that is marked with `# <name>`."""
    for line in OPERATIONS.read_text("utf-8").replace("\\\n", " ").splitlines():
        command, _, comment = line.partition("#")
        if comment.strip() == name:
            return command.split()
    raise LookupError(f"docs/operations.md names no process {name}.")


def _stat(pid):
    # The name of a process may hold spaces and brackets; the fields begin behind it.
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def _tree():
    """Return the children of every process."""
    tree = defaultdict(list)
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(FileNotFoundError, ProcessLookupError):
                tree[int(_stat(entry.name)[1])].append(int(entry.name))
    return tree


def _listens(port):
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False
