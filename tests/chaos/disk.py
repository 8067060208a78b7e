"""The disk of the file store: small, so that it can be full."""

import subprocess
from contextlib import contextmanager, suppress

SIZE = "32m"
PIECE = b"\0" * 64 * 1024


class SmallDisk:
    """A disk of its own in memory; `fill` leaves not a byte of room on it."""

    def __init__(self, folder):
        self._filler = folder / "filler"

    def fill(self):
        with suppress(OSError), self._filler.open("ab", buffering=0) as filler:
            while filler.write(PIECE):
                pass

    def empty(self):
        self._filler.unlink(missing_ok=True)


class LostFolder:
    """Where nobody may mount a disk: a file in the folder's place, so that every write fails."""

    def __init__(self, folder):
        self._folder = folder
        self._away = folder.with_name(folder.name + ".away")

    def fill(self):
        if not self._away.exists():
            self._folder.rename(self._away)
            self._folder.touch()

    def empty(self):
        if self._away.exists():
            self._folder.unlink()
            self._away.rename(self._folder)


@contextmanager
def disk(folder):
    """Yield the disk on which the folder lies from now on."""
    folder.mkdir(parents=True)
    mounted = _ran("mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder))
    try:
        yield SmallDisk(folder) if mounted else LostFolder(folder)
    finally:
        if mounted:
            _ran("umount", "--lazy", str(folder))


def _ran(*command):
    with suppress(OSError):
        return subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603
    return False
