"""What the files of a deployment say: the commands of each process, and what they may take."""

import json
import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
BASE = ROOT / "deploy" / "kubernetes" / "base"
PROCESSES = ("hooks", "pages", "stream", "worker", "beat")
UNITS = {"s": 1, "m": 60}


@dataclass(frozen=True)
class Process:
    """A command and the seconds from SIGTERM to SIGKILL, those of a preStop taken off.

    `probe` is the command by which a process is asked how it is, where it is asked so.
    """

    command: tuple
    grace: int = 0
    environment: dict = field(default_factory=dict)
    probe: tuple = ()
    container: dict = field(default_factory=dict)


def compose():
    return yaml.safe_load((ROOT / "compose.yaml").read_text())


def composed():
    """Return the product's services by name."""
    return {
        name: Process(
            tuple(service["command"]),
            _seconds(service.get("stop_grace_period", "10s")),
            service.get("environment", {}),
            tuple(service.get("healthcheck", {}).get("test", ())[1:]),
        )
        for name, service in compose()["services"].items()
        if service["image"].startswith("${OMNICHAT_IMAGE")
    }


def manifests():
    """Yield every object for a cluster, the example of a secret included."""
    for path in sorted(BASE.parent.rglob("*.yaml")):
        if path.name != "kustomization.yaml":
            yield from yaml.safe_load_all(path.read_text())


def deployed():
    """Return the containers of the cluster by name."""
    found = {}
    for manifest in manifests():
        if manifest["kind"] in {"Deployment", "Job"}:
            pod = manifest["spec"]["template"]["spec"]
            (container,) = pod["containers"]
            pause = container.get("lifecycle", {}).get("preStop", {}).get("exec", {})
            grace = pod.get("terminationGracePeriodSeconds", 30)
            left = grace - int(pause.get("command", [0, 0])[1])
            found[container["name"]] = Process(
                tuple(container["command"]),
                left,
                {each["name"]: each["value"] for each in container.get("env", ())},
                tuple(container.get("livenessProbe", {}).get("exec", {}).get("command", ())),
                container,
            )
    return found


def imaged():
    """Return the command that the image runs by itself."""
    return tuple(json.loads(re.findall(r"^CMD (\[.*\])$", dockerfile(), re.MULTILINE)[-1]))


def documented():
    """Return the commands under "Processes" of docs/operations.md."""
    text = (ROOT / "docs/operations.md").read_text().split("\n## Processes\n")[1]
    block = re.search(r"```\n(.*?)```", text, re.DOTALL)[1].replace("\\\n", " ")
    lines = [line.partition(" # ") for line in block.splitlines()]
    return {re.match(r"\w+", name)[0]: tuple(shlex.split(command)) for command, _, name in lines}


def dockerfile():
    return (ROOT / "Dockerfile").read_text()


def build_environment():
    """Return what `collectstatic` is told while the image is built."""
    lines = (ROOT / "deploy/build.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def _seconds(period):
    return int(period[:-1]) * UNITS[period[-1]]
