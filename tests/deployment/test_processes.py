"""Every command of image, Compose file and manifests, started for real and asked to end."""

import re
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from jira_bridge import panel_session
from tests.deployment import described
from tests.deployment.production import HOST, SECRET_KEY, deployment
from tests.factories import AgentFactory

WEB = ("hooks", "pages")
# Held by a test, it keeps whoever looks for a site waiting.
LOCK = "LOCK TABLE public.{} IN ACCESS EXCLUSIVE MODE"


@pytest.fixture(scope="module")
def deployed():
    """A deployment as its operator makes it: files collected, schemas migrated."""
    with deployment() as there:
        collected = there.run(
            "python", "manage.py", "collectstatic", "--noinput", **of_the_build(there)
        )
        assert collected.returncode == 0, collected.stderr
        migrated = there.run(*described.deployed()["migrate"].command)
        assert migrated.returncode == 0, migrated.stderr
        yield there


def of_the_build(there):
    return described.build_environment() | {"STATIC_ROOT": there.settings["STATIC_ROOT"]}


def get(there, name, path, **headers):
    return httpx.get(there.address(name) + path, headers=headers, timeout=20, trust_env=False)


@pytest.fixture
def ready(deployed):
    """Return how to wait for a process that listens."""

    def wait(name):
        deployed.start(name)
        deployed.wait_until(name, lambda: get(deployed, name, "/readyz").status_code == 200)
        return deployed

    return wait


@pytest.mark.parametrize("name", [*WEB, "stream"])
def test_what_listens_answers_the_probes_of_image_and_manifests(ready, name):
    there = ready(name)
    container = described.deployed()[name].container
    of_the_image = re.search(r"http://127.0.0.1:8000(/\w+)", described.dockerfile())[1]
    paths = {
        container[f"{kind}Probe"]["httpGet"]["path"]
        for kind in ("startup", "liveness", "readiness")
    }

    assert {get(there, name, path).status_code for path in paths | {of_the_image}} == {200}


def test_pages_have_the_static_files_that_were_collected(ready):
    style = get(ready("pages"), "pages", "/static/panel/panel.css", host=HOST)

    assert style.status_code == 200
    assert "text/css" in style.headers["content-type"]


@pytest.mark.parametrize("kind", ["worker", "beat"])
def test_what_listens_nowhere_says_that_it_is_alive(deployed, kind):
    deployed.start(kind)

    assert deployed.wait_until(kind, lambda: pulses(deployed, kind)) == 1
    asked = deployed.run(*described.deployed()[kind].probe)
    assert asked.returncode == 0, asked.stderr


def pulses(there, kind):
    with there.connect() as database:
        return database.execute(
            "SELECT count(*) FROM public.tenants_pulse WHERE kind = %s", (kind,)
        ).fetchone()[0]


def test_deployment_is_found_sound(ready, deployed):
    ready("pages")
    checked = deployed.run("python", "manage.py", "check_deployment")

    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("name", WEB)
def test_web_answers_what_it_has_begun_and_ends(ready, name):
    there = ready(name)
    with ThreadPoolExecutor(1) as pool, there.connect() as holder:
        with holder.transaction():
            holder.execute(LOCK.format("tenants_inboundkey"))
            under_way = pool.submit(post_webhook, there, name)
            there.wait_until(name, lambda: waits_for_the_lock(there))
            there.end(name)
        answer = under_way.result()

    assert answer.status_code == 404
    assert there.ended(name) < 5


def post_webhook(there, name):
    return httpx.post(
        f"{there.address(name)}/hooks/infobip/nobodys-key/",
        json={"results": []},
        headers={"host": HOST},
        timeout=30,
        trust_env=False,
    )


def waits_for_the_lock(there):
    with there.connect() as database:
        return database.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone()[0]


def test_stream_ends_the_panels_streams_so_that_they_come_back(ready, settings):
    there = ready("stream")
    settings.SECRET_KEY = SECRET_KEY
    token = panel_session.issue(AgentFactory())
    address = f"{there.address('stream')}/stream/"

    with httpx.stream(
        "GET", address, headers={"Authorization": f"Bearer {token}"}, timeout=20, trust_env=False
    ) as stream:
        pieces = stream.iter_raw()
        assert next(pieces) == b": ping\n\n"
        there.end("stream")
        with pytest.raises(httpx.RemoteProtocolError, match="closed connection"):
            next(pieces)

    assert there.ended("stream") < 5


def test_worker_ends_what_it_has_begun(deployed):
    deployed.start("beat")
    deployed.start("worker")
    with deployed.connect() as holder, holder.transaction():
        holder.execute(LOCK.format("tenants_site"))  # which beat has asked workers to look at
        deployed.wait_until("worker", lambda: waits_for_the_lock(deployed))
        deployed.end("worker")
        deployed.wait_until("worker", lambda: "Warm shutdown" in deployed.said("worker"))
        assert deployed.running["worker"].poll() is None

    assert deployed.ended("worker") < 20
    assert "task_failed" not in deployed.said("worker")


def test_beat_ends(deployed):
    deployed.start("beat")
    deployed.wait_until("beat", lambda: pulses(deployed, "beat"))

    deployed.end("beat")

    assert deployed.ended("beat") < 5
