"""`make test-services`: two of each process on real stores, from Debian's packages."""

import os
import shutil
import subprocess
import sys

# What each package is asked for by; each may have come another way.
PACKAGES = {
    "rabbitmq-server": ("/usr/lib/rabbitmq/bin/rabbitmq-server", "epmd"),
    "redis-server": ("redis-server",),
    "nginx-light": ("nginx",),
}
INSTALL = ["apt-get", "install", "-y", "-qq", "--no-install-recommends"]
# A package's service must not start: these tests begin their own.
NO_SERVICES = "#!/bin/sh\nexit 101\n"
POLICY = "/usr/sbin/policy-rc.d"


def main(arguments):
    if missing := [package for package, programs in PACKAGES.items() if not _has(programs)]:
        if os.geteuid() != 0 or not shutil.which("apt-get"):
            sys.stderr.write(f"Not installed, and only root can: {' '.join(missing)}\n")
            return 1
        sys.stdout.write(f"Installing {' '.join(missing)} with apt-get\n")
        sys.stdout.flush()
        _install(missing)
    return subprocess.run(  # noqa: S603 - our own tests
        [sys.executable, "-m", "pytest", "tests/services", "-p", "no:randomly", *arguments],
        check=False,
    ).returncode


def _has(programs):
    return all(shutil.which(program) for program in programs)


def _install(packages):
    ours = not os.path.exists(POLICY)  # noqa: PTH110 - one look
    if ours:
        with open(POLICY, "x", opener=_executable) as policy:
            policy.write(NO_SERVICES)
    try:
        quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        for command in (["apt-get", "update", "-qq"], [*INSTALL, *packages]):
            subprocess.run(command, env=quiet, check=True, stdout=subprocess.DEVNULL)  # noqa: S603
    finally:
        if ours:
            os.unlink(POLICY)  # noqa: PTH108


def _executable(path, flags):
    return os.open(path, flags, 0o755)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
