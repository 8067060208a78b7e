"""Real stores of one test: on the loopback, with passwords, in folders of their own."""

import os
import signal
import socket
import subprocess
import time
from contextlib import contextmanager, suppress

import psycopg

from sandbox import rootless
from sandbox.broker import binary
from sandbox.launch import launch
from sandbox.postgres import program
from tests.deployment.production import free_port

PASSWORD = "of-this-test-alone"
PATIENCE_SECONDS = 180  # RabbitMQ needs three of a processor that is its own
RABBITMQ = "/usr/lib/rabbitmq/bin/rabbitmq-server"


@contextmanager
def postgresql(folder, programs=None):
    """Yield the address of a database that an ordinary role owns; of the wheel, or `programs`."""
    programs = programs or program("postgres").parent
    port = free_port()
    rootless.hand_over(folder)
    data, said, word = folder / "data", folder / "postgresql.log", folder / "password"
    word.write_text(PASSWORD)
    begin = [programs / "initdb", "-D", data, "-U", "postgres", "-A", "scram-sha-256", "--no-sync"]
    begin += [f"--pwfile={word}", "-E", "UTF8", "--locale=C.UTF-8"]
    serve = [programs / "postgres", "-D", data, f"-cport={port}", "-clisten_addresses=127.0.0.1"]
    serve += ["-cunix_socket_directories=", "-cdynamic_shared_memory_type=mmap"]
    with said.open("wb") as log:
        output = {"stdout": log, "stderr": log, "unprivileged": True}
        assert launch(begin, **output).wait() == 0, said.read_text()
        server = launch(serve, death_signal=signal.SIGQUIT, **output)
    with ended(server, signal.SIGINT):
        root = f"postgresql://postgres:{PASSWORD}@127.0.0.1:{port}/postgres"
        with wait_for(lambda: psycopg.connect(root, autocommit=True), server, said) as connection:
            connection.execute(f"CREATE ROLE omnichat LOGIN PASSWORD '{PASSWORD}'")
            connection.execute("CREATE DATABASE omnichat OWNER omnichat")
        yield f"postgresql://omnichat:{PASSWORD}@127.0.0.1:{port}/omnichat"


@contextmanager
def redis(folder, executable="redis-server"):
    port = free_port()
    command = [executable, "--port", str(port), "--bind", "127.0.0.1", "--requirepass", PASSWORD]
    command += ["--dir", str(folder), "--save", "", "--appendonly", "no"]
    log = folder / "broker.log"
    with ended(_started(command, log)) as server:
        wait_for(lambda: socket.create_connection(("127.0.0.1", port), 1), server, log).close()
        yield f"redis://:{PASSWORD}@127.0.0.1:{port}/0"


@contextmanager
def valkey(folder):
    with redis(folder, str(binary())) as url:
        yield url


@contextmanager
def rabbitmq(folder):
    """A node that keeps everything in the folder, and tells its name to an epmd of its own."""
    port, names, peers = free_port(), free_port(), free_port()
    (folder / "rabbitmq.conf").write_text(
        f"listeners.tcp.1 = 127.0.0.1:{port}\ndefault_user = omnichat\n"
        f"default_pass = {PASSWORD}\ndefault_vhost = omnichat\n"
    )
    (folder / "plugins").write_text("[].")
    local = {
        "HOME": str(folder),
        "RABBITMQ_NODENAME": f"omnichat{port}@localhost",
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
        "RABBITMQ_CONF_ENV_FILE": "/dev/null",
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
        "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
        "RABBITMQ_LOG_BASE": str(folder / "log"),
        "RABBITMQ_GENERATED_CONFIG_DIR": str(folder / "generated"),
        "RABBITMQ_DIST_PORT": str(peers),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
        "ERL_EPMD_PORT": str(names),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
    }
    environment = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"} | local
    register = ["epmd", "-port", str(names), "-address", "127.0.0.1"]
    log = folder / "broker.log"
    with (
        ended(_started(register, folder / "epmd.log", environment)),
        ended(_started([RABBITMQ], log, environment)) as server,
    ):
        wait_for(lambda: socket.create_connection(("127.0.0.1", port), 1), server, log).close()
        yield f"amqp://omnichat:{PASSWORD}@127.0.0.1:{port}/omnichat"


BROKERS = {"rabbitmq": rabbitmq, "redis": redis, "valkey": valkey}


@contextmanager
def ended(process, number=signal.SIGTERM):
    """End the process with all that it started, in order if it can."""
    try:
        yield process
    finally:
        process.send_signal(number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(20)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_for(reached, process, log):
    """Return what a store answers; one that has ended or is silent says why in its log."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return reached()
        except (OSError, psycopg.OperationalError):
            assert process.poll() is None, log.read_text(errors="replace")
            assert time.monotonic() < deadline, log.read_text(errors="replace")
            time.sleep(0.1)


def _started(command, log, environment=None):
    with log.open("wb") as output:
        return launch(
            command, env=environment, stdout=output, stderr=output, death_signal=signal.SIGTERM
        )
