"""What a deployment's environment is told when it is wrong."""

import os
import re
import subprocess
import sys

import pytest
from django.conf import settings

from omnichat.environment import problems
from omnichat.variables import SANDBOX_VARIABLES, VARIABLES

KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
GOOD = {
    "SECRET_KEY": "x0Y9w8V7u6T5s4R3q2P1o0N9m8L7k6J5i4H3g2F1e0D9c8B7a6-tests",
    "ENCRYPTION_KEYS": f"{KEY},{KEY}",
    "AUDIT_KEYS": KEY,
    "APP_URL": "https://omnichat.example.com",
    "SITE_BASE_HOST": "omnichat.example.com",
    "DATABASE_URL": "postgresql://omnichat:p%40ss@db:5432/omnichat?sslmode=require",
    "CELERY_BROKER_URL": "amqps://omnichat:secret@rabbit:5671/omnichat",
    "FORGE_APP_ID": "ari:cloud:ecosystem::app/00000000-0000-0000-0000-000000000000",
    "TRUSTED_PROXIES": "10.0.0.5,10.1.0.0/16,fd00::/8",
}


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"CELERY_BROKER_URL": "redis+socket:///run/valkey.sock?virtual_host=0"},
        {"CELERY_BROKER_URL": "redis://:secret@valkey:6379/0"},
        {"DATABASE_URL": "postgresql://postgres@/omnichat?host=%2Frun%2Fpostgresql"},
        {"DATABASE_URL": "postgresql://omnichat:secret@one:5432,two:5433/omnichat"},
        {"AUDIT_KEYS": f"{KEY},short-one-from-before"},
        {"SENTRY_DSN": "https://0a1b2c@sentry.example.com/1"},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "https://traces.example.com/otlp"},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://otel_collector:4318"},
        {"FILES_S3_BUCKET": "files", "FILES_S3_ENDPOINT": "https://files.example.com/storage/v1"},
        {"LICENCE_REQUIRED": "Yes", "CONN_MAX_AGE": "0", "LOG_LEVEL": "WARNING"},
        {"REGIONS": "eu.example.com=EU", "MACHINES_HOSTS": "example.com,eu.example.com"},
        {"REGIONS": "omnichat.example.com=EU"},
        {"FILES_S3_BUCKET": "files", "FILES_S3_REGION": "eu-central-1"},
        {"PANEL_PARENT_ORIGINS": "https://*.cdn.example.net"},
        {"INFOBIP_HOSTS": "api.infobip.com,.api.infobip.com"},
        {"PATH": "/bin", "REGION": "eu", "CELERY_LOG_LEVEL": "20", "OMNICHAT_PORT": "tcp://1"},
    ],
)
def test_what_is_right_is_let_be(more):
    assert problems(GOOD | more) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "too-short-to-be-a-secret"),
        ("SECRET_KEY", "change-me" * 10),
        ("ENCRYPTION_KEYS", "not-a-fernet-key"),
        ("ENCRYPTION_KEYS", f"{KEY},"),
        ("AUDIT_KEYS", "secret"),
        ("AUDIT_KEYS", f"guessable,{KEY}"),
        ("APP_URL", "http://omnichat.example.com"),
        ("APP_URL", "https://example.com/omnichat"),
        ("APP_URL", "omnichat.example.com"),
        ("SITE_BASE_HOST", "https://omnichat.example.com"),
        ("SITE_BASE_HOST", "*.omnichat.example.com"),
        ("SITE_BASE_HOST", "10.0.0.1"),
        ("DATABASE_URL", "mysql://omnichat@db/omnichat"),
        ("DATABASE_URL", "postgresql://db"),
        ("DATABASE_URL", "postgresql://omnichat:a:b/c@db:port/omnichat"),
        ("CELERY_BROKER_URL", "memory://"),
        ("CELERY_BROKER_URL", "sqs://key@"),
        ("CELERY_BROKER_URL", "valkey"),
        ("FORGE_APP_ID", "00000000-0000-0000-0000-000000000000"),
        ("FORGE_ENVIRONMENTS", "production"),
        ("TRUSTED_PROXIES", "*"),
        ("TRUSTED_PROXIES", "proxy.example.com"),
        ("CONN_MAX_AGE", "10 minutes"),
        ("ERASE_AFTER_DAYS", "-1"),
        ("LICENCE_REQUIRED", "sometimes"),
        ("STREAM_URL", "http://stream.example.com/"),
        ("MACHINES_HOSTS", "https://omnichat.example.com"),
        ("PANEL_PARENT_ORIGINS", "https://example.com/page"),
        ("REGIONS", "EU"),
        ("CITUS", "perhaps"),
        ("DATABASE_REPLICA_URL", "mysql://replica/omnichat"),
        ("SENTRY_DSN", "sentry.example.com/1"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317"),
        ("CUSTOMER_MAIL_DOMAIN", "somebody@example.com"),
        ("LOG_LEVEL", "LOUD"),
    ],
)
def test_what_is_malformed_is_named_and_not_repeated(name, value):
    (said,) = problems(GOOD | {name: value})

    assert said == f"{name} must be {VARIABLES[name].must_be}."


@pytest.mark.parametrize(
    ("more", "begins"),
    [
        ({"SECRET_KEY": "$SECRET_KEY"}, "SECRET_KEY begins with $"),
        ({"PASSWORD_ALONE": "admin"}, "PASSWORD_ALONE lets users log in without a second step."),
        ({"DEBUG": "true"}, "DEBUG shows strangers what is inside."),
        ({"SANDBOX": "true"}, "SANDBOX trusts an outside world"),
        ({"SANDBOX": "perhaps"}, "SANDBOX must be true or false."),
        ({"FILES_S3_REGION": "eu-central-1"}, "FILES_S3_BUCKET is missing, and FILES_S3_REGION"),
        (
            {"FILES_S3_BUCKET": "files", "FILES_S3_ACCESS_KEY": "key"},
            "FILES_S3_ACCESS_KEY and FILES_S3_SECRET_KEY belong together",
        ),
        ({"REGIONS": "eu.example.com=EU"}, "MACHINES_HOSTS must name eu.example.com too"),
        ({"LICENCE_REQUIRD": "true"}, "LICENCE_REQUIRD is not known. Was LICENCE_REQUIRED meant?"),
        ({"INFOBIP_HOST": "a.b"}, "INFOBIP_HOST is not known. Was INFOBIP_HOSTS meant?"),
    ],
)
def test_what_does_not_fit_is_told_with_what_to_do(more, begins):
    (said,) = problems(GOOD | more)

    assert said.startswith(begins)


def test_all_that_is_missing_is_named_at_once():
    assert [said.partition(" is missing")[0] for said in problems({})] == [
        name for name, variable in VARIABLES.items() if variable.required
    ]


def test_sandbox_may_do_what_production_may_not():
    local = {
        "SANDBOX": "true",
        "DEBUG": "true",
        "PASSWORD_ALONE": "admin",
        "SECRET_KEY": "short",
        "AUDIT_KEYS": "short",
        "APP_URL": "http://127.0.0.1:8000",
        "SITE_BASE_HOST": "localhost:8000",
        "CELERY_BROKER_URL": "memory://",
        "PANEL_PARENT_ORIGINS": "http://localhost:8081",
    }

    assert problems(GOOD | local) == []
    assert SANDBOX_VARIABLES.keys() <= VARIABLES.keys()


WRONG = {"SANDBOX": "false", "APP_URL": "http://here", "AUDIT_KEYS": "", "DATABASE_URI": "x"}
TOLD = [
    "AUDIT_KEYS is missing. It must be keys",
    "APP_URL must be an https address",
    "DATABASE_URL is missing. It must be the address",
    "DATABASE_URI is not known. Was DATABASE_URL meant?",
]
WEB = ["granian", "--interface", "wsgi", "omnichat.wsgi:application", "--workers", "1"]


@pytest.mark.parametrize(
    "command",
    [
        ["manage.py", "check"],
        ["-m", *WEB, "--port", "0"],
        ["-m", "uvicorn", "omnichat.stream:application", "--port", "0"],
        ["-m", "celery", "-A", "omnichat", "worker"],
        ["-m", "celery", "-A", "omnichat", "beat"],
    ],
    ids=["manage.py", "web", "stream", "worker", "beat"],
)
def test_no_process_starts_and_all_say_everything_at_once(command):
    environment = os.environ | GOOD | WRONG
    del environment["DATABASE_URL"]

    ended = subprocess.run(  # noqa: S603 - our own commands
        [sys.executable, *command],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert ended.returncode != 0
    assert [begin for begin in TOLD if f"  - {begin}" not in ended.stderr] == []
    assert ended.stderr.count("OmniChat does not start.") == 1
    assert "Traceback" not in ended.stderr


def test_every_variable_is_read_checked_exemplified_and_described():
    readers = source("omnichat/settings.py") + source("omnichat/databases.py")
    read = re.findall(r'(?:env\.\w+\(\s*|_database\(env, )"(\w+)"', readers)
    exemplified = re.findall(r"^#?(\w+)=", source(".env.example"), re.MULTILINE)
    described = re.findall(
        r"^\| `(\w+)` \|",
        source("docs/operations.md").split("\n## Settings\n")[1].split("\n## ")[0],
        re.MULTILINE,
    )
    of_the_local_run = {"PORT", "JIRA_PORT", "INFOBIP_PORT", "PHONES_PORT", "STATE_DIR"}

    assert set(read) == set(VARIABLES)
    assert set(exemplified) - of_the_local_run == set(VARIABLES)
    assert set(described) == set(VARIABLES)


def source(path):
    return (settings.BASE_DIR / path).read_text()
