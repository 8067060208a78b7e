"""Notices an interrupt that reached make and not us.

A terminal's Ctrl-C reaches both. `kill -INT <make>` reaches make only: it hands on SIGTERM but not
SIGINT, and waits for us while we wait for a signal. Linux shows that it caught one.
"""

import os
import signal
from pathlib import Path

PROC = Path("/proc")
MAKES = {"make", "gmake"}


def make_is_ending(proc: Path = PROC) -> bool:
    """Tell whether our parent is a make that has given up catching SIGINT, as it does to end."""
    try:
        status = (proc / str(os.getppid()) / "status").read_text()
    except OSError:
        return False
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    ignored_or_caught = int(fields["SigIgn"], 16) | int(fields["SigCgt"], 16)
    return fields["Name"] in MAKES and not ignored_or_caught >> (signal.SIGINT - 1) & 1
