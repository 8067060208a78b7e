"""The ground: our packages are ours, every dependency has its reason, no machine is named."""

import importlib
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("omnichat", "tenants", "logins", "conversations", "channels", "jira_bridge", "sandbox")
DEPENDENCY_LISTS = sorted((ROOT / "requirements").glob("*.in"))
PINNED = sorted((ROOT / "requirements").glob("*.txt"))


@pytest.mark.parametrize("name", PACKAGES)
def test_the_package_is_ours(name):
    # `channels` is also the name of Django Channels.
    package = importlib.import_module(name)

    assert Path(package.__path__[0]).is_relative_to(ROOT)


@pytest.mark.parametrize("path", DEPENDENCY_LISTS, ids=lambda path: path.name)
def test_every_dependency_says_why_it_is_there(path):
    lines = [line for line in path.read_text().splitlines() if line and line[0] not in "#-"]

    assert [line for line in lines if not re.search(r"\S +# \w", line)] == []


@pytest.mark.parametrize("path", PINNED, ids=lambda path: path.name)
def test_pins_have_hashes_and_no_address(path):
    text = path.read_text()

    assert "://" not in text
    assert len(re.findall(r"^\S+==", text, re.MULTILINE)) <= text.count("--hash=sha256:")
    assert "--index-url" not in text


@pytest.mark.parametrize("name", ["Makefile", ".ci/run", "manage.py"])
def test_the_doors_are_there(name):
    assert (ROOT / name).is_file()


def test_ci_is_executable_and_well_formed():
    script = ROOT / ".ci" / "run"

    assert script.stat().st_mode & 0o111
    assert subprocess.run(["/bin/bash", "-n", script], check=False).returncode == 0  # noqa: S603


def test_what_a_run_leaves_is_ignored():
    ignored = (ROOT / ".gitignore").read_text().splitlines()

    assert {"/.venv/", "/var/", "/.env"} <= set(ignored)
