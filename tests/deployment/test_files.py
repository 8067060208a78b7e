"""What image, Compose file, manifests and proxy say fits together, and their linters agree."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from omnichat.environment import problems
from omnichat.variables import VARIABLES
from tests.deployment import described
from tests.deployment.described import BASE, PROCESSES, ROOT

TOOLS = Path(sys.executable).parent
KILL_TIMEOUT = "--workers-kill-timeout"


@pytest.mark.parametrize("name", PROCESSES)
def test_a_process_is_started_in_one_way_everywhere(name):
    command = described.deployed()[name].command

    assert described.composed()[name].command == command
    assert described.documented()[name] == command


@pytest.mark.parametrize("name", PROCESSES)
def test_a_process_is_told_and_asked_the_same_everywhere(name):
    here, there = described.deployed()[name], described.composed()[name]

    assert (here.environment, here.probe) == (there.environment, there.probe)


def test_image_shows_pages_by_itself():
    assert described.imaged() == described.composed()["pages"].command


def test_migrations_are_run_in_one_way():
    assert described.composed()["migrate"].command == described.deployed()["migrate"].command


def test_nothing_else_is_started():
    assert set(described.composed()) == set(described.deployed()) == {*PROCESSES, "migrate"}


@pytest.mark.parametrize("processes", [described.composed(), described.deployed()])
def test_web_is_done_before_it_is_killed(processes):
    for name in ("hooks", "pages"):
        command = processes[name].command

        assert int(command[command.index(KILL_TIMEOUT) + 1]) < processes[name].grace


@pytest.mark.parametrize("name", [*PROCESSES, "migrate"])
def test_containers_may_nothing_that_they_need_not(name):
    container = described.deployed()[name].container

    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert container["resources"].keys() == {"requests", "limits"}


def test_pods_have_no_root_and_no_rights_in_the_cluster():
    for manifest in described.manifests():
        if manifest["kind"] in {"Deployment", "Job"}:
            pod = manifest["spec"]["template"]["spec"]
            user = re.search(r"^USER (\d+):\d+$", described.dockerfile(), re.MULTILINE)[1]

            assert pod["securityContext"]["runAsNonRoot"] is True
            assert pod["securityContext"]["runAsUser"] == int(user)
            assert pod["automountServiceAccountToken"] is False


def test_beat_is_never_there_twice():
    (beat,) = (
        each for each in described.manifests() if each["metadata"]["name"] == "omnichat-beat"
    )

    assert beat["spec"]["replicas"] == 1
    assert beat["spec"]["strategy"] == {"type": "Recreate"}


def test_kustomization_names_every_file():
    named = yaml.safe_load((BASE / "kustomization.yaml").read_text())["resources"]

    assert {*named, "kustomization.yaml"} == {path.name for path in BASE.iterdir()}


def test_world_does_not_reach_figures_and_operators():
    (ingress,) = (each for each in described.manifests() if each["kind"] == "Ingress")
    machines, _consoles = ingress["spec"]["rules"]
    paths = {path["path"] for path in machines["http"]["paths"]}

    assert {path for path in paths if "/operator/".startswith(path) or path == "/metrics"} == set()


def test_examples_for_a_cluster_lack_nothing_and_do_not_start():
    given = {}
    for manifest in described.manifests():
        given |= manifest.get("data", {}) | manifest.get("stringData", {})
    wrong = {said.split()[0] for said in problems(given)}

    assert given.keys() <= VARIABLES.keys()
    assert wrong == {"SECRET_KEY", "ENCRYPTION_KEYS", "AUDIT_KEYS"}


def test_linters_of_image_compose_and_cluster_agree():
    manifests = [path for path in BASE.parent.rglob("*.yaml") if path.name != "kustomization.yaml"]
    for command in (
        ["hadolint", "Dockerfile"],
        ["check-jsonschema", "--builtin-schema", "vendor.compose-spec", "compose.yaml"],
        ["kubernetes-validate", "--strict", "--quiet", *map(str, manifests)],
    ):
        ended = subprocess.run(  # noqa: S603 - our own commands
            [TOOLS / command[0], *command[1:]],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )

        assert ended.returncode == 0, ended.stdout + ended.stderr


def test_proxy_asks_services_and_is_trusted_by_its_address():
    services = described.compose()["services"]
    asked = re.findall(r"http://(\w+):8000", (ROOT / "deploy/proxy/groups.conf").read_text())

    assert set(asked) <= services.keys()
    assert services["proxy"]["networks"]["inside"]["ipv4_address"] in (
        (ROOT / "docs/operations.md").read_text()
    )


def test_what_the_build_copies_is_there():
    kept = re.findall(r"^!(\S+)", (ROOT / ".dockerignore").read_text(), re.MULTILINE)

    assert [path for path in kept if not (ROOT / path).exists()] == []
