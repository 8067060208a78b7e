"""An interrupt that reached make only."""

import os

import pytest

from sandbox.parent import make_is_ending

SIGINT = "0000000000000002"
NONE = "0000000000000000"


def status(tmp_path, *, name="make", ignored=NONE, caught=NONE):
    folder = tmp_path / str(os.getppid())
    folder.mkdir()
    (folder / "status").write_text(f"Name:\t{name}\nSigIgn:\t{ignored}\nSigCgt:\t{caught}\n")
    return tmp_path


def test_a_make_that_was_interrupted_is_noticed(tmp_path):
    assert make_is_ending(status(tmp_path)) is True


@pytest.mark.parametrize("fields", [{"caught": SIGINT}, {"ignored": SIGINT}, {"name": "bash"}])
def test_others_are_not(tmp_path, fields):
    assert make_is_ending(status(tmp_path, **fields)) is False


def test_where_nothing_is_known_nothing_is_assumed(tmp_path):
    assert make_is_ending(tmp_path) is False
