"""The product on real stores with two web and two worker processes, and a sandbox at both ends."""

import json
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

import httpx
import psycopg

from sandbox import demo
from sandbox.environment import SITE, Addresses, product_environment
from sandbox.readiness import sandbox_down
from tests.deployment.described import ROOT
from tests.deployment.production import Deployment, free_port
from tests.services.stores import ended

WEBS, WORKERS = ("web-1", "web-2"), ("worker-1", "worker-2")
# Longer than a lease: no report settles what whoever takes over has to ask for.
REPORT_SECONDS = "30"
PROXY = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log stderr error;
events {{ worker_connections 512; }}
http {{
  access_log off; client_max_body_size 10m; client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u;
  scgi_temp_path {folder}/s;
  upstream webs {{ server 127.0.0.1:{one}; server 127.0.0.1:{other}; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{ proxy_pass http://webs; proxy_set_header Host $http_host; }}
  }}
}}
"""


@dataclass
class Run:
    """What people and counts need of it: where it is, and its database."""

    there: Deployment
    addresses: Addresses

    @property
    def run(self):
        return self

    @cached_property
    def described(self):
        addresses = self.addresses
        return {
            "app": addresses.app,
            "jira": addresses.jira,
            "infobip": addresses.infobip,
            "site": SITE,
        }

    @cached_property
    def schema(self):
        with self.there.connect() as database:
            asked = "SELECT schema_name FROM public.tenants_site WHERE slug = %s"
            return database.execute(asked, (SITE,)).fetchone()[0]

    @property
    def schemas(self):
        return {SITE: self.schema}

    @property
    def ledger(self):
        """The file in which the sandbox keeps what went through Infobip and Jira."""
        return self.there.folder / "sandbox" / "sandbox.sqlite3"

    def connect(self, _site=SITE):
        path = f"-csearch_path={self.schema},public"
        return psycopg.connect(self.there.settings["DATABASE_URL"], autocommit=True, options=path)

    def rows(self, statement, *parameters):
        with self.connect() as database:
            return database.execute(statement, parameters).fetchall()

    def ask_product(self, program):
        """Run lines of Python inside the product; returns the JSON object printed last."""
        ran = self.there.run("python", "manage.py", "shell", "-v", "0", "-c", program)
        assert ran.returncode == 0, ran.stderr
        return json.loads(ran.stdout.splitlines()[-1])


@contextmanager
def two_of_each(folder, database_url, broker_url):
    """Set the site up and start everything; the folder holds all that is written."""
    addresses = Addresses(*(free_port() for _place in range(4)))
    own = {
        "DATABASE_URL": database_url,
        "CELERY_BROKER_URL": broker_url,
        "SANDBOX_REPORT_DELAY": REPORT_SECONDS,
    }
    there = Deployment(folder, product_environment(addresses, folder) | own)
    run = Run(there, addresses)
    try:
        with _program([sys.executable, "-m", "sandbox.world"], there, "sandbox"):
            _set_up(run)
            for name in WEBS:
                there.start("pages", called=name)
            for name in WORKERS:
                there.start("worker", "--hostname", f"{name}@%h", called=name)
            there.start("beat")
            for name in WEBS:
                there.wait_until(name, lambda name=name: _ready(there.address(name)))
            with _program(["nginx", "-c", str(_proxy(there, addresses))], there, "nginx"):
                there.wait_until(WEBS[0], lambda: _ready(addresses.app))
                yield run
    finally:
        there.kill_all()


def _set_up(run):
    upgraded = run.there.run("python", "manage.py", "upgrade_sites")
    assert upgraded.returncode == 0, upgraded.stderr
    while sandbox_down(run.addresses):
        pass
    arguments = demo.setup_arguments(run.addresses)
    made = run.there.run("python", "manage.py", "setup_site", *arguments, **demo.SETUP_ENVIRONMENT)
    assert made.returncode == 0, made.stderr
    demo.register(demo.Site.from_setup(json.loads(made.stdout.splitlines()[-1])), run.addresses)


def _proxy(there, addresses):
    one, other = (there.ports[name] for name in WEBS)
    path = there.folder / "nginx.conf"
    path.write_text(PROXY.format(folder=there.folder, one=one, other=other, port=addresses.port))
    return path


def _ready(address):
    answer = httpx.get(f"{address}/readyz", timeout=5, trust_env=False)
    return answer.status_code == httpx.codes.OK


@contextmanager
def _program(command, there, name):
    with there.log(name).open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - our own commands
            command, cwd=ROOT, env=there.environment, stdout=log, stderr=log, start_new_session=True
        )
    with ended(process):
        yield
