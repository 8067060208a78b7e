"""Where unix sockets go: their addresses hold about a hundred bytes, paths may be longer."""

import hashlib
import os
import tempfile
from pathlib import Path

LONGEST_ADDRESS = 100


def socket_folder(wanted: Path, name: str) -> Path:
    """Return `wanted` if a socket called `name` fits there, else a short private folder.

    The short folder's name depends on `wanted` only: addresses stay the same over restarts.
    """
    if len(os.fsencode(wanted / name)) <= LONGEST_ADDRESS:
        return wanted
    digest = hashlib.sha256(os.fsencode(wanted.absolute())).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()) / f"omnichat-{os.getuid()}-{digest}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.getuid():
        raise PermissionError(f"{folder} belongs to somebody else")
    return folder
