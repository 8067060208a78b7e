"""How `make audit` decides: a flaw fails, silence does not."""

import json

import pytest

from tests import audit

CLEAN = {"name": "django", "version": "5.2.19", "vulns": []}
FLAWED = {
    "name": "pillow",
    "version": "9.0.0",
    "vulns": [{"id": "PYSEC-1", "fix_versions": ["9.0.1"], "aliases": [], "description": ""}],
}
UNKNOWN = {"name": "six", "skip_reason": "Dependency not found"}


@pytest.fixture
def answers(monkeypatch):
    """What the services say, by name."""
    said = {}
    monkeypatch.setattr(audit, "asked", lambda service, options: said.get(service, ""))
    return said


def report(*packages):
    return json.dumps({"dependencies": packages, "fixes": []})


def test_known_flaw_fails_and_is_named(answers, capsys):
    answers["pypi"] = report(CLEAN, FLAWED)

    assert audit.main([]) == 1
    assert "pillow 9.0.0: PYSEC-1, mended in 9.0.1" in capsys.readouterr().out


def test_nothing_known_passes(answers, capsys):
    answers["pypi"] = report(CLEAN, UNKNOWN)

    assert audit.main([]) == 0
    assert capsys.readouterr().out == "0 known flaws in 1 packages, nothing is known of 1.\n"


@pytest.mark.parametrize("silence", ["", "<html>", "[]", report(), report(UNKNOWN)])
def test_second_service_is_asked_where_the_first_has_no_answer(answers, silence):
    answers |= {"pypi": silence, "osv": report(FLAWED)}

    assert audit.main([]) == 1


def test_nobody_to_ask_is_said_and_passes(answers, capsys):
    assert audit.main([]) == 0
    assert capsys.readouterr().out.startswith("Nobody could be asked")


def test_service_that_does_not_end_is_left(monkeypatch):
    monkeypatch.setattr(audit, "SECONDS", 0.001)

    assert audit.asked("pypi", []) == ""
