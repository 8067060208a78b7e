"""The supervisor: restarts what dies, ends everything, leaves no orphan."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sandbox.supervisor import Child, Supervisor, Tier

ROOT = Path(__file__).parents[2]
SLEEPER = "import time; time.sleep(60)"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); "


def python(program, *arguments, name="dummy", **fields):
    fields = {"tier": Tier.SERVER, **fields}
    return Child(name=name, command=[sys.executable, "-c", program, *arguments], **fields)


def tend_until(supervisor, condition):
    wait_until(lambda: supervisor.tend() or condition())


def wait_until(condition):
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline


def gone(pid):
    """Tell whether no living process has the pid; an orphan may wait for init as a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


@pytest.fixture
def said():
    return []


@pytest.fixture
def supervisor(tmp_path, said):
    supervisor = Supervisor(tmp_path, tmp_path, said.append)
    yield supervisor
    supervisor.stop()


@pytest.fixture
def clock(monkeypatch):
    """Let restart delays pass at once; what waits for a process still waits."""
    now = [1000.0]
    monkeypatch.setattr("sandbox.supervisor.time.monotonic", lambda: now[0])
    return now


def pid_in(supervisor, name="dummy"):
    return int((supervisor.pids / f"{name}.pid").read_text())


def test_a_killed_child_is_started_again(supervisor, said):
    first = supervisor.start(python(SLEEPER))

    first.kill()
    tend_until(supervisor, lambda: pid_in(supervisor) != first.pid)

    assert supervisor.lives["dummy"].process.poll() is None
    log = supervisor.log_of("dummy")
    assert said == [f"dummy was killed by SIGKILL; starting it again in 0.2 s (see {log})"]


def test_the_delay_doubles_up_to_five_seconds(supervisor, clock):
    supervisor.start(python("raise SystemExit(3)"))
    life, delays = supervisor.lives["dummy"], []

    for _ in range(7):
        life.process.wait()
        supervisor.tend()
        delays.append(round(life.restart_at - clock[0], 3))
        clock[0] = life.restart_at
        supervisor.tend()

    assert delays == [0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]


def test_a_steady_life_makes_the_delay_short_again(supervisor, clock):
    supervisor.start(python(SLEEPER))
    life = supervisor.lives["dummy"]
    life.delay = 5.0

    life.process.kill()
    life.process.wait()
    clock[0] += 30
    supervisor.tend()

    assert life.restart_at == clock[0] + 0.2


def test_what_a_dead_child_had_started_dies_too(supervisor):
    orphan = "import subprocess; print(subprocess.Popen(['sleep', '60']).pid, flush=True); "
    parent = supervisor.start(python(orphan + SLEEPER))
    log = supervisor.log_of("dummy")
    tend_until(supervisor, lambda: log.read_text().endswith("\n"))
    orphan_pid = int(log.read_text())

    parent.kill()
    parent.wait()
    supervisor.tend()

    tend_until(supervisor, lambda: gone(orphan_pid))


def test_stop_ends_the_workers_before_the_stores(supervisor, tmp_path):
    program = (
        "import signal, sys\n"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit())\n"
        "print('ready', flush=True)\n"
        "try: signal.pause()\n"
        "finally: open(sys.argv[1], 'a').write(sys.argv[2] + ' ')"
    )
    order = str(tmp_path / "order")
    for tier in Tier:
        supervisor.start(python(program, order, tier.name, name=tier.name, tier=tier))
    logs = [supervisor.log_of(tier.name) for tier in Tier]
    tend_until(supervisor, lambda: all(log.read_text() == "ready\n" for log in logs))

    supervisor.stop()

    assert (tmp_path / "order").read_text() == "WORKER SERVER STORE "
    assert list(supervisor.pids.iterdir()) == []


def test_a_child_that_does_not_end_is_killed(supervisor):
    child = supervisor.start(python(STUBBORN + SLEEPER, grace=0.1))
    tend_until(supervisor, lambda: supervisor.log_of("dummy").read_text() == "\n")

    supervisor.stop()

    assert child.returncode == -signal.SIGKILL


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of a death")
@pytest.mark.parametrize("unprivileged", [False, True])
def test_children_die_with_a_killed_supervisor(tmp_path, unprivileged):
    program = (
        "import sys, time, pathlib\n"
        "from sandbox.supervisor import Child, Supervisor, Tier\n"
        "state = pathlib.Path(sys.argv[1])\n"
        "child = Child('dummy', ['sleep', '60'], Tier.STORE, unprivileged=sys.argv[2] == 'True')\n"
        "print(Supervisor(state, state, print).start(child).pid, flush=True)\n"
        "time.sleep(60)"
    )
    command = [sys.executable, "-c", program, str(tmp_path), str(unprivileged)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as parent:  # noqa: S603
        pid = int(parent.stdout.readline())
        parent.kill()

    wait_until(lambda: gone(pid))


def test_the_log_of_the_run_before_is_kept(supervisor):
    supervisor.log_of("dummy").write_text("yesterday")

    supervisor.start(python(SLEEPER))

    assert (supervisor.logs / "dummy.old.log").read_text() == "yesterday"
