"""The local run: what keeps it from starting, and what it tells."""

import socket

import pytest

from sandbox import demo, run
from sandbox.environment import Addresses, CannotStart

ADDRESSES = Addresses(port=8000, jira_port=8081, infobip_port=8082, phones_port=8083)
SITE = demo.Site("demo", "http://127.0.0.1:8000/hooks/x/", "http://demo.localhost:8000/admin/")
ENVIRONMENT = {
    "CONSOLE_PASSWORD": "secret",
    "OPERATOR_PASSWORD": "hidden",
    "DATABASE_URL": "postgresql:///omnichat",
}


def test_one_state_folder_serves_one_run(tmp_path):
    with run.only_run(tmp_path), pytest.raises(CannotStart, match="already runs"):
        run.only_run(tmp_path).__enter__()


def test_a_taken_port_ends_the_run_before_anything_starts(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(run.signal, "signal", lambda *_: None)
    monkeypatch.setenv("STATE_DIR", str(tmp_path))
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        monkeypatch.setenv("PORT", str(port))

        assert run.run() == 1

    expected = f"Port {port} is taken. Choose another one: PORT=<port> make run\n"
    assert capsys.readouterr().out == expected
    assert [path.name for path in tmp_path.iterdir()] == ["lock"]


def test_run_json_has_what_a_visitor_needs():
    assert demo.describe(SITE, ADDRESSES, ENVIRONMENT) == {
        "app": "http://127.0.0.1:8000",
        "webhook_url": "http://127.0.0.1:8000/hooks/x/",
        "console_url": "http://demo.localhost:8000/admin/",
        "console_user": "admin",
        "console_password": "secret",
        "operator_url": "http://127.0.0.1:8000/operator/",
        "operator_user": "operator",
        "operator_password": "hidden",
        "jira": "http://localhost:8081",
        "infobip": "http://127.0.0.1:8082",
        "phones": "http://127.0.0.1:8083",
        "site": "demo",
        "database_url": "postgresql:///omnichat",
        "senders": {"sms": "385951006719", "whatsapp": "385951006720"},
    }


def test_the_welcome_names_every_page_to_open():
    welcome = demo.welcome(demo.describe(SITE, ADDRESSES, ENVIRONMENT), seconds=5.61)

    assert welcome.startswith("OmniChat is ready after 5.6 s.")
    assert all(url in welcome for url in (ADDRESSES.phones, ADDRESSES.jira, SITE.console_url))
    assert "user admin, password secret" in welcome
    assert f"{ADDRESSES.app}/operator/" in welcome
    assert "user operator, password hidden" in welcome


def test_schemas_of_a_kept_folder_are_migrated_before_the_site_is_set_up(tmp_path, monkeypatch):
    managed = []
    monkeypatch.setattr(run.LocalRun, "_manage", lambda _self, *told: managed.append(told) or "{}")
    for step in ("_start_broker", "_start_database", "_start_product", "_wait_while"):
        monkeypatch.setattr(run.LocalRun, step, lambda *_: None)
    monkeypatch.setattr(run.Supervisor, "start", lambda *_: None)
    monkeypatch.setattr(run.demo.Site, "from_setup", lambda _answer: SITE)
    monkeypatch.setattr(run.demo, "register", lambda *_: None)

    run.LocalRun(tmp_path, ADDRESSES)._start()

    assert managed[0] == ("upgrade_sites",)
    assert managed[1][0] == "setup_site"
    assert managed[2] == ("add_operator", "operator")


@pytest.mark.parametrize(
    ("said", "stores"),
    [
        ({}, ("redis+socket", "postgresql://postgres@/omnichat")),
        (
            {"DATABASE_LINE": "postgresql://127.0.0.1:5/omnichat", "BROKER_LINE": "redis://b"},
            ("redis://b", "postgresql://127.0.0.1:5/omnichat"),
        ),
    ],
)
def test_stores_are_reached_by_the_lines_that_are_given(tmp_path, monkeypatch, said, stores):
    for name, value in said.items():
        monkeypatch.setenv(name, value)
    for name in ("DATABASE_URL", "CELERY_BROKER_URL"):
        monkeypatch.delenv(name, raising=False)
    started = run.LocalRun(tmp_path, ADDRESSES)
    monkeypatch.setattr(started.supervisor, "start", lambda _child: None)
    monkeypatch.setattr(started, "_wait_while", lambda _down: None)
    for method in ("prepare", "open"):
        monkeypatch.setattr(run.Cluster, method, lambda *_: None)

    started._start_broker()
    started._start_database()

    found = (started.environment["CELERY_BROKER_URL"], started.environment["DATABASE_URL"])
    assert all(one.startswith(start) for one, start in zip(found, stores, strict=True))
