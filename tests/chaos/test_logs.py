"""What the processes logged in the rounds counts like what became of messages."""

from types import SimpleNamespace

import pytest

from tests.chaos import logs
from tests.leak_rules import Secrets


@pytest.fixture
def stage(tmp_path, monkeypatch):
    secrets = Secrets()
    secrets.add("what people wrote", "Where is my order, please?")
    monkeypatch.setattr(logs, "secrets_of", lambda described: secrets)
    (tmp_path / "log").mkdir()
    return SimpleNamespace(run=SimpleNamespace(state=tmp_path, described={}))


def test_text_and_number_in_a_log_are_breaches_and_named_without_their_words(stage, capsys):
    lines = '{"event": "lost", "text": "Where is my order, please?"}\nto 385991903327\n'
    (stage.run.state / "log" / "worker.log").write_text(lines)

    (figure,) = logs.log_figures(stage)

    assert (figure.found, figure.breached) == (2, True)
    said = capsys.readouterr().out
    assert "BREACH in the logs: a phone number in a line (worker.log)" in said
    assert "order" not in said
    assert "385" not in said


def test_lines_with_ids_alone_are_none(stage):
    (stage.run.state / "log" / "web.log").write_text('{"event": "request", "issue_id": "10042"}\n')

    figures = logs.log_figures(stage)

    assert [each.breached for each in figures] == [False]
