"""Deployments that are refused."""

import os
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from omnichat.checks import check_deployment, refuse_unsafe_deployment

PRODUCTION = {"SANDBOX": False, "APP_SCHEME": "https", "TRUSTED_PROXIES": ["10.0.0.1"]}


def found(settings, **values):
    for name, value in (PRODUCTION | values).items():
        setattr(settings, name, value)
    return [message.id for message in check_deployment()]


@pytest.mark.parametrize(
    ("values", "ids"),
    [
        ({}, []),
        ({"PASSWORD_ALONE": ["admin"]}, ["omnichat.E001"]),
        ({"SANDBOX": True}, ["omnichat.E002"]),
        ({"SANDBOX": True, "APP_SCHEME": "http", "PASSWORD_ALONE": ["admin"]}, []),
        ({"TRUSTED_PROXIES": []}, ["omnichat.W001"]),
    ],
)
def test_what_is_unsafe_is_found(settings, values, ids):
    assert found(settings, **values) == ids


def test_process_does_not_start_where_a_password_is_enough(settings):
    settings.SANDBOX, settings.PASSWORD_ALONE = False, ["admin"]

    with pytest.raises(ImproperlyConfigured, match="without a second step"):
        refuse_unsafe_deployment()


@pytest.mark.parametrize(
    ("module", "begins"),
    [
        ("omnichat.wsgi", ""),
        ("omnichat.stream", ""),
        ("omnichat.celery", "worker_init"),
        ("omnichat.celery", "beat_init"),
    ],
)
def test_processes_refuse_by_themselves(module, begins):
    environment = os.environ | {"SANDBOX": "false", "PASSWORD_ALONE": "admin"}
    start = f"import {module}"
    if begins:
        start += f"; from celery import signals; signals.{begins}.send(None)"

    ended = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-c", start], env=environment, capture_output=True, text=True, check=False
    )

    assert ended.returncode == 1
    assert "PASSWORD_ALONE lets users log in without a second step." in ended.stderr
