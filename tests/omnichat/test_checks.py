"""Deployments that could be better."""

import pytest

from omnichat.checks import check_deployment

PRODUCTION = {"APP_SCHEME": "https", "TRUSTED_PROXIES": ["10.0.0.1"], "STATIC_ROOT": None}


def found(settings, **values):
    for name, value in (PRODUCTION | values).items():
        setattr(settings, name, value)
    return [message.id for message in check_deployment()]


@pytest.mark.parametrize(
    ("values", "ids"),
    [
        ({}, []),
        ({"TRUSTED_PROXIES": []}, ["omnichat.W001"]),
        ({"TRUSTED_PROXIES": [], "APP_SCHEME": "http"}, []),
    ],
)
def test_what_could_be_better_is_found(settings, values, ids):
    assert found(settings, **values) == ids


def test_pages_without_style_are_noticed(settings, tmp_path):
    assert found(settings, STATIC_ROOT=str(tmp_path)) == ["omnichat.W002"]

    (tmp_path / "panel.css").touch()

    assert found(settings, STATIC_ROOT=str(tmp_path)) == []
