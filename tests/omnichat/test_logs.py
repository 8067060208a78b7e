"""What a log line holds, and what it never does."""

import json
import logging
import logging.config

import pytest

from omnichat.logs import logging_config


@pytest.fixture
def line():
    """Format a record as the product's handler does."""
    config = logging_config(level="INFO")
    formatter_class = config["formatters"]["json"].pop("()")
    formatter = formatter_class(**config["formatters"]["json"])

    def format_record(name, message, /, *args, exc_info=None, **extra):
        record = logging.LogRecord(name, logging.ERROR, "x.py", 1, message, args, exc_info)
        record.__dict__.update(extra)
        return json.loads(formatter.format(record))

    return format_record


def test_line_says_what_happened_with_its_ids(line):
    shown = line("conversations.outbox", "outbox_claim_lost", entry=7)

    assert (shown["event"], shown["entry"], shown["level"]) == ("outbox_claim_lost", 7, "error")


def test_path_of_a_failed_request_is_left_out(line):
    shown = line("django.request", "Not Found: %s", "/hooks/infobip/secret-key/", status_code=404)

    assert "secret-key" not in str(shown)
    assert shown["event"] == "request_refused"


def test_line_that_another_handler_has_made_is_left_out(line):
    said = {"status_code": 404, "message": "Not Found: /hooks/infobip/secret-key/"}

    shown = line("django.request", "Not Found: %s", "/hooks/infobip/secret-key/", **said)

    assert "secret-key" not in str(shown)


@pytest.mark.parametrize(
    ("level", "ours", "others"), [("DEBUG", "DEBUG", "INFO"), ("WARNING", "WARNING", "WARNING")]
)
def test_libraries_tell_no_addresses_however_much_we_tell(level, ours, others):
    config = logging_config(level=level)

    assert config["loggers"]["channels"]["level"] == ours
    assert config["root"]["level"] == others
    assert "level" not in config["loggers"]["uvicorn"]


@pytest.mark.parametrize("name", ["DisallowedHost", "csrf", "SuspiciousOperation"])
def test_path_of_a_suspicious_request_is_left_out(line, name):
    shown = line(
        f"django.security.{name}", "Odd.", request="<GET '/media/token/'>", status_code=400
    )

    assert "token" not in str(shown)
    assert shown["event"] == "request_refused"


def test_words_of_an_exception_are_left_out(line):
    try:
        int("Key (key)=(385991903327) already exists.")
    except ValueError as failure:
        shown = line("x", "failed", exc_info=(ValueError, failure, failure.__traceback__))

    assert "385991903327" not in str(shown)
    assert shown["exception"] == "ValueError"
    assert shown["trace"][-1].endswith("test_words_of_an_exception_are_left_out")


def test_words_of_what_a_task_raised_are_left_out(line):
    words = "IntegrityError('Key (key)=(385991903327) already exists.')"
    context = {"id": "1f", "name": "tasks.drain", "exc": words, "traceback": words}

    shown = line("celery.app.trace", "Task %(name)s raised: %(exc)s", context, data=context)

    assert "385991903327" not in str(shown)
    assert (shown["event"], shown["task"], shown["task_id"]) == ("task_failed", "tasks.drain", "1f")
