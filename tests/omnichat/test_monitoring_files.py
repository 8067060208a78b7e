"""Dashboard and alarms ask for figures that the product has, and each alarm has its run-book."""

import json
import re
import shutil
import subprocess

import pytest
import yaml
from django.conf import settings
from django.utils.text import slugify
from prometheus_client import REGISTRY

from omnichat import request_log, stream, urls_machines
from omnichat.health import INSTALLATION
from tenants.models import SiteFigures

FOLDER = settings.BASE_DIR / "deploy/monitoring"
NAMES = re.compile(r"\b(?:omnichat|probe)_[a-z_]+|\bup\b")
# Of Prometheus itself, and of its blackbox exporter.
NOT_OURS = {"up", "probe_ssl_earliest_cert_expiry"}
PARTS = ("_total", "_bucket", "_count", "_sum", "_created", "")


def rules():
    (group,) = yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"]
    return group["rules"]


def asked():
    """Every figure that an alarm or the dashboard asks for."""
    panels = json.loads((FOLDER / "dashboard.json").read_text())["panels"]
    shown = [target["expr"] for panel in panels for target in panel.get("targets", [])]
    return set(NAMES.findall(" ".join(shown + [rule["expr"] for rule in rules()])))


@pytest.fixture
def exposed(acme):
    assert stream.OPEN  # with them come the figures of all kinds of processes
    assert request_log.REQUESTS
    assert urls_machines.urlpatterns
    SiteFigures.objects.create(site=acme)
    families = [*REGISTRY.collect(), *INSTALLATION.collect()]
    return {family.name for family in families if family.name.startswith("omnichat_")}


def family(name, known):
    return next((name.removesuffix(p) for p in PARTS if name.removesuffix(p) in known), name)


@pytest.mark.django_db
def test_what_is_asked_for_is_there(exposed):
    assert {family(name, exposed) for name in asked() - NOT_OURS} - exposed == set()


@pytest.mark.django_db
def test_what_is_there_is_asked_for(exposed):
    of_the_worst_site = {"omnichat_quarantined_max", "omnichat_outbox_dead_max"}

    assert exposed - {family(name, exposed) for name in asked()} == of_the_worst_site


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_every_alarm_leads_to_its_run_book(rule):
    path, _hash, heading = rule["annotations"]["runbook"].partition("#")
    headings = re.findall(r"^#+ (.+)$", (settings.BASE_DIR / path).read_text(), re.MULTILINE)

    assert heading in {slugify(each) for each in headings}
    assert rule["labels"]["severity"] in {"page", "ticket"}


@pytest.mark.skipif(shutil.which("promtool") is None, reason="Prometheus' promtool is not here")
@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "config", "prometheus.yml"),
        ("check", "rules", "alerts.yml"),
        ("test", "rules", "alerts_test.yml"),
    ],
    ids=" ".join,
)
def test_prometheus_takes_the_files(arguments):
    ended = subprocess.run(  # noqa: S603 - our own files
        ["promtool", *arguments],  # noqa: S607
        cwd=FOLDER,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 0, ended.stdout + ended.stderr
