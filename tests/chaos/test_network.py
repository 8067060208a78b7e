"""The lines to the stores: cut, held and slow, and whole again."""

import socket
import threading
import time

import pytest

from tests.chaos.disk import LostFolder, SmallDisk
from tests.chaos.network import network


@pytest.fixture
def lines(tmp_path):
    """A network whose far end says everything twice."""
    path = tmp_path / "far"
    with socket.socket(socket.AF_UNIX) as far:
        far.bind(str(path))
        far.listen()
        threading.Thread(target=_echo, args=(far,), daemon=True).start()
        with network(store=path) as opened:
            yield opened


def _echo(far):
    while True:
        try:
            near, _address = far.accept()
        except OSError:
            return
        threading.Thread(target=_answer, args=(near,), daemon=True).start()


def _answer(near):
    with near:
        while piece := near.recv(100):
            near.sendall(piece * 2)


def call(lines):
    host, _, port = lines.address("store").partition(":")
    return socket.create_connection((host, int(port)), timeout=5)


def test_line_carries_both_ways(lines):
    with call(lines) as near:
        near.sendall(b"ab")

        assert near.recv(100) == b"abab"


def test_cut_ends_every_connection_and_lets_new_ones_in(lines):
    with call(lines) as near:
        near.sendall(b"ab")
        near.recv(100)

        lines.cut("store")

        with pytest.raises(ConnectionResetError):
            _expect_end(near)
    with call(lines) as near:
        near.sendall(b"cd")
        assert near.recv(100) == b"cdcd"


def test_held_line_keeps_what_was_said_until_it_is_released(lines):
    with call(lines) as near:
        lines.hold("store")
        near.sendall(b"ab")
        near.settimeout(0.1)
        with pytest.raises(TimeoutError):
            near.recv(100)

        lines.release("store")

        near.settimeout(5)
        assert near.recv(100) == b"abab"


def test_slow_line_takes_its_time(lines):
    with call(lines) as near:
        lines.slow("store", 0.05)
        began = time.monotonic()
        near.sendall(b"ab")

        assert near.recv(100) == b"abab"
        assert time.monotonic() - began > 0.05


def test_target_that_is_not_there_ends_the_connection(tmp_path):
    with network(store=tmp_path / "nobody") as lines, call(lines) as near:
        assert _expect_nothing(near) == b""


def test_full_disk_has_room_again_when_it_is_emptied(tmp_path):
    (tmp_path / "filler").write_bytes(b"x")

    SmallDisk(tmp_path).empty()

    assert list(tmp_path.iterdir()) == []


def test_lost_folder_refuses_writes_and_keeps_what_it_had(tmp_path):
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "kept").write_text("kept")
    disk = LostFolder(folder)

    disk.fill()
    with pytest.raises(NotADirectoryError):
        (folder / "new").write_text("new")

    disk.empty()
    assert (folder / "kept").read_text() == "kept"


def _expect_end(near):
    if near.recv(100) == b"":
        raise ConnectionResetError


def _expect_nothing(near):
    try:
        return near.recv(100)
    except ConnectionResetError:
        return b""
