"""`make audit`: asks what is known against the versions that production runs.

A known flaw ends it with 1. Where nobody can be asked (a machine without the internet, a mirror
that holds packages only) it says so in a line and ends with 0: no news is not bad news.
"""

import json
import subprocess
import sys
from dataclasses import dataclass, field

REQUIREMENTS = "requirements/production.txt"
SERVICES = ("pypi", "osv")  # the second is asked where the first has no answer
SECONDS = 120  # for a service: a slow one must not hold a build up


@dataclass(frozen=True)
class Verdict:
    """What a service knows: `flaws` in words, and how many of all it could say something about."""

    answered: int = 0
    unanswered: int = 0
    flaws: list[str] = field(default_factory=list)


def main(options):
    for service in SERVICES:
        verdict = verdict_of(asked(service, options))
        if verdict.answered:
            say(verdict)
            return 1 if verdict.flaws else 0
    sys.stdout.write(
        f"Nobody could be asked about flaws of {REQUIREMENTS} from here ({', '.join(SERVICES)})."
        " Run `make audit` where the internet is.\n"
    )
    return 0


def asked(service, options):
    """Return what a service answers, "" when it does not."""
    command = [sys.executable, "-m", "pip_audit", "--progress-spinner=off", "--format=json"]
    command += ["--vulnerability-service", service, "--timeout=10"]
    command += ["--require-hashes", "--disable-pip", "--requirement", REQUIREMENTS, *options]
    try:
        finished = subprocess.run(  # noqa: S603 - our own command
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return ""
    return finished.stdout.decode()


def verdict_of(answer):
    """Read pip-audit's report; no answer and an unreadable one say nothing of any package."""
    try:
        packages = json.loads(answer)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return Verdict()
    answered = [package for package in packages if "skip_reason" not in package]
    flaws = [
        f"{package['name']} {package['version']}: {flaw['id']}, mended in "
        f"{', '.join(flaw['fix_versions']) or 'no version yet'}"
        for package in answered
        for flaw in package["vulns"]
    ]
    return Verdict(len(answered), len(packages) - len(answered), flaws)


def say(verdict):
    for flaw in verdict.flaws:
        sys.stdout.write(f"{flaw}\n")
    silent = f", nothing is known of {verdict.unanswered}" if verdict.unanswered else ""
    sys.stdout.write(f"{len(verdict.flaws)} known flaws in {verdict.answered} packages{silent}.\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
