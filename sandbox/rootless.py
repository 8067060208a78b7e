"""Lets root run PostgreSQL, which refuses to be root."""

import ctypes
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

CLONE_NEWUSER = 0x10000000
INNER_ID = 1000  # any id that is not 0
LIBC = ctypes.CDLL(None, use_errno=True)  # loaded here: nothing may be loaded between fork and exec


def is_root() -> bool:
    return os.name == "posix" and os.geteuid() == 0


@cache
def namespaces_allowed() -> bool:
    """Tell whether root may enter a user namespace; default container profiles forbid it."""
    try:
        subprocess.run(["/bin/true"], preexec_fn=enter_namespace, check=True)
    except (OSError, subprocess.SubprocessError):
        return False
    return True


def enter_namespace() -> None:
    """Become another user in a namespace of our own; outside, files still belong to root."""
    uid, gid = os.getuid(), os.getgid()
    if LIBC.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "user namespaces are forbidden here")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{INNER_ID} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{INNER_ID} {gid} 1")


def enters_namespace() -> bool:
    return is_root() and namespaces_allowed()


def popen_options() -> dict[str, Any]:
    """Return what Popen needs where root has no namespace: the user nobody."""
    if is_root() and not namespaces_allowed():
        return {"user": "nobody", "group": "nogroup", "extra_groups": []}
    return {}


def hand_over(folder: Path) -> None:
    """Give the folder to the user that PostgreSQL will run as."""
    if is_root() and not namespaces_allowed():
        shutil.chown(folder, "nobody", "nogroup")
