"""PostgreSQL from the wheel: throw-away clusters and clusters that stay."""

import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from sandbox import postgres
from sandbox.launch import launch
from sandbox.postgres import FORGETFUL, Cluster, throw_away_cluster


@contextmanager
def running(cluster):
    cluster.prepare()
    server = launch(
        cluster.command, unprivileged=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        cluster.open(server)
        yield server
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(10)


def folder_of(url):
    return Path(psycopg.conninfo.conninfo_to_dict(url)["host"])


def test_throw_away_cluster_takes_connections():
    with throw_away_cluster() as url, psycopg.connect(url) as connection:
        assert connection.execute("SELECT current_database()").fetchone() == ("omnichat",)


def test_throw_away_cluster_leaves_nothing_behind():
    with pytest.raises(ZeroDivisionError), throw_away_cluster() as url:
        1 / 0  # noqa: B018

    assert not folder_of(url).parent.exists()


def test_rows_survive_a_killed_server(tmp_path):
    cluster = Cluster(tmp_path / "pg", {"fsync": "off"})

    with running(cluster) as server:
        with psycopg.connect(cluster.url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
        server.kill()
        server.wait()

    with running(cluster), psycopg.connect(cluster.url) as connection:
        assert connection.execute("SELECT one FROM kept").fetchall() == [(1,)]


def test_a_server_left_running_is_ended_before_the_next(tmp_path):
    cluster = Cluster(tmp_path / "pg", FORGETFUL)

    with running(cluster) as left_behind:
        cluster.prepare()

        assert left_behind.wait(10) == 0


def test_a_long_path_with_spaces_and_capitals_works(tmp_path):
    cluster = Cluster(tmp_path / "A folder" / ("x" * 100) / "pg", FORGETFUL)

    with running(cluster), psycopg.connect(cluster.url) as connection:
        assert connection.info.host == str(cluster.sockets)

    assert len(str(cluster.sockets)) < len(str(cluster.data))


def test_failed_statements_keep_their_texts_out_of_the_log(tmp_path):
    cluster = Cluster(tmp_path / "pg", FORGETFUL)
    cluster.prepare()
    with (tmp_path / "log").open("wb") as log:
        server = launch(cluster.command, unprivileged=True, stdout=log, stderr=log)
    cluster.open(server)

    with psycopg.connect(cluster.url) as connection, pytest.raises(psycopg.Error):
        connection.execute("INSERT INTO nowhere VALUES ('385991903327')")
    server.send_signal(signal.SIGINT)
    server.wait(10)

    assert "nowhere" in (tmp_path / "log").read_text()
    assert "385991903327" not in (tmp_path / "log").read_text()


def test_command_runs_beside_a_cluster_and_hands_on_its_exit_code():
    program = "import os, psycopg; psycopg.connect(os.environ['DATABASE_URL']); raise SystemExit(7)"

    assert postgres.main(["--", sys.executable, "-c", program]) == 7


def test_abandoned_clusters_are_removed(tmp_path, monkeypatch):
    monkeypatch.setattr(postgres, "ABANDONED_SECONDS", -1)
    abandoned = tmp_path / (postgres.THROW_AWAY + "old")
    abandoned.mkdir()
    (abandoned / "lock").touch()

    postgres._remove_abandoned(tmp_path)

    assert not abandoned.exists()


def test_clusters_in_use_are_not_removed(tmp_path, monkeypatch):
    monkeypatch.setattr(postgres, "ABANDONED_SECONDS", -1)
    with throw_away_cluster() as url:
        postgres._remove_abandoned(folder_of(url).parent.parent)

        assert folder_of(url).exists()
