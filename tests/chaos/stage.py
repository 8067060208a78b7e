"""Where the rounds are played: one product with two sites, and lines of ours to its stores."""

import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg

from sandbox.broker import Broker
from sandbox.postgres import DATABASE, SOCKET, Cluster, data_folder_name
from tests.chaos.disk import disk
from tests.chaos.network import network
from tests.chaos.plan import SITES
from tests.local_run import RunFailed, local_run

INSTALL_SECONDS = 120
# Infobip's minute: it gives a message up after 49 s, and late tries are not far apart.
RETRY_UNIT = "0.5"
# A Forge that gives an event up after 4 minutes of 5 s: longer than a round keeps the product down.
EVENT_UNIT = "2.5"
INSTALL_TRIES = 3


@dataclass
class Stage:
    run: object
    network: object
    disk: object
    cluster: Cluster
    broker: Broker
    schemas: dict[str, str]
    keep: bool = True

    @property
    def ledger(self):
        """The file in which the sandbox keeps what went through Infobip and Jira."""
        return self.run.state / "sandbox" / "sandbox.sqlite3"

    def connect(self, site):
        """Look at a site's schema past the line that is cut and held."""
        path = f"-csearch_path={self.schemas[site]},public"
        return psycopg.connect(self.cluster.url, autocommit=True, options=path, connect_timeout=5)


@contextmanager
def stage():
    """Yield the stage; its state goes with it, once `keep` was taken off it."""
    state = Path(tempfile.mkdtemp(prefix="omnichat-chaos-"))
    scene = None
    cluster, broker = Cluster(state / data_folder_name()), Broker(state / "valkey")
    try:
        with (
            disk(state / "files") as files,
            network(database=cluster.sockets / SOCKET, broker=broker.socket) as lines,
            local_run(
                keep=True,
                state=state,
                DATABASE_LINE=f"postgresql://postgres@{lines.address('database')}/{DATABASE}",
                SANDBOX_RETRY_UNIT=RETRY_UNIT,
                SANDBOX_EVENT_UNIT=EVENT_UNIT,
                BROKER_LINE=f"redis://{lines.address('broker')}/0",
            ) as run,
        ):
            _install(run, SITES[1])
            scene = Stage(run, lines, files, cluster, broker, _schemas(cluster))
            yield scene
    finally:
        if scene and not scene.keep:
            shutil.rmtree(state, ignore_errors=True)


def _install(run, site):
    """Have the app installed there; a machine that is busy may need another try."""
    url = f"{run.described['jira']}/_sandbox/install"
    for _try in range(INSTALL_TRIES):
        answer = httpx.post(url, json={"site": site}, trust_env=False, timeout=INSTALL_SECONDS)
        if answer.is_success:
            return
    raise RunFailed(f"{site} was not installed: {answer.text}")


def _schemas(cluster):
    with psycopg.connect(cluster.url) as connection:
        return dict(connection.execute("SELECT slug, schema_name FROM tenants_site").fetchall())
