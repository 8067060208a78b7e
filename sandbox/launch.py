"""Starts a process that does not outlive this one."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Any

from sandbox import rootless

PR_SET_PDEATHSIG = 1


def launch(
    command: Sequence[str | os.PathLike[str]],
    *,
    death_signal: signal.Signals = signal.SIGKILL,
    unprivileged: bool = False,
    **options: Any,
) -> subprocess.Popen[bytes]:
    """Start the command in a session of its own; call it from the main thread.

    On Linux the kernel sends it `death_signal` when the thread that started it ends, however.
    """
    if unprivileged:
        options |= rootless.popen_options()
    return subprocess.Popen(  # noqa: S603
        command,
        start_new_session=True,
        preexec_fn=_before_exec(death_signal, unprivileged=unprivileged),  # noqa: PLW1509
        **options,
    )


def _before_exec(death_signal: signal.Signals, *, unprivileged: bool) -> Callable[[], None]:
    parent = os.getpid()
    enters_namespace = unprivileged and rootless.enters_namespace()

    def prepare() -> None:
        if enters_namespace:
            rootless.enter_namespace()
        # After the namespace: a change of credentials clears the signal.
        if sys.platform == "linux":
            rootless.LIBC.prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
            if os.getppid() != parent:
                os._exit(1)

    return prepare
