"""Ports and secrets of the local run."""

import socket
import stat

import pytest

from sandbox.environment import (
    DEFAULT_PORTS,
    Addresses,
    CannotStart,
    kept_secrets,
    product_environment,
    write_private,
)


@pytest.fixture
def ports():
    probes = [socket.socket() for _ in DEFAULT_PORTS]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    free = [str(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return dict(zip(DEFAULT_PORTS, free, strict=True))


def test_ports_come_from_the_environment(ports):
    addresses = Addresses.from_environment(ports)

    assert addresses.app == f"http://127.0.0.1:{ports['PORT']}"
    assert addresses.jira == f"http://localhost:{ports['JIRA_PORT']}"


def test_a_taken_port_is_refused_with_the_way_out(ports):
    with socket.socket() as other:
        other.bind(("127.0.0.1", int(ports["JIRA_PORT"])))
        other.listen()

        with pytest.raises(CannotStart, match=f"Port {ports['JIRA_PORT']} is taken.*JIRA_PORT="):
            Addresses.from_environment(ports)


@pytest.mark.parametrize("value", ["web", "0", "65536", "-1"])
def test_what_is_no_port_is_refused(ports, value):
    with pytest.raises(CannotStart, match=f"PORT={value} is not a port number"):
        Addresses.from_environment({**ports, "PORT": value})


def test_secrets_stay_the_same_over_runs(tmp_path):
    assert kept_secrets(tmp_path) == kept_secrets(tmp_path)


def test_secret_that_a_kept_folder_lacks_is_made_beside_the_others(tmp_path):
    before = kept_secrets(tmp_path)
    write_private(tmp_path / "secrets.json", {"SECRET_KEY": before["SECRET_KEY"]})

    after = kept_secrets(tmp_path)

    assert after["SECRET_KEY"] == before["SECRET_KEY"]
    assert after.keys() == before.keys()


def test_secrets_are_for_their_owner_only(tmp_path):
    kept_secrets(tmp_path)

    assert stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode) == 0o600


def test_a_secret_of_the_environment_wins(ports, tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "from outside")

    environment = product_environment(Addresses.from_environment(ports), tmp_path)

    assert environment["SECRET_KEY"] == "from outside"


def test_private_files_are_replaced_whole(tmp_path):
    path = tmp_path / "run.json"
    write_private(path, {"first": 1})

    write_private(path, {"second": 2})

    assert path.read_text() == '{\n  "second": 2\n}\n'
    assert list(tmp_path.iterdir()) == [path]
