"""Logs: one JSON object a line, with ids only: no text, no number, no path with a key in it."""

import traceback
from collections.abc import Callable, MutableMapping
from typing import Any

import structlog

Event = MutableMapping[str, Any]

# What every line of a process says: told when it begins.
_place: dict[str, Callable[[], str]] = {}

# Django puts the path of a failed request into the line: a webhook's holds the inbound key, a
# file's address is the right to read it.
PATH_LOGGERS = ("django.request", "django.security", "django.server")
# Celery puts the words of what a task raised, and its traceback, into line and context.
TASK_LOGGER = "celery.app.trace"
SERVER_ERROR = 500
SERVERS = ("_granian", "uvicorn", "uvicorn.error", "celery")
OURS = ("omnichat", "tenants", "logins", "conversations", "channels", "jira_bridge")
ACCESS = ("granian.access", "uvicorn.access")


def logging_config(*, level: str) -> dict[str, Any]:
    """The `LOGGING` setting: standard logging, rendered by structlog."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": [
                    structlog.contextvars.merge_contextvars,
                    say_where,
                    structlog.stdlib.add_log_level,
                    structlog.stdlib.add_logger_name,
                    structlog.processors.TimeStamper(fmt="iso", utc=True),
                    structlog.stdlib.ExtraAdder(),
                ],
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    leave_echo_out,
                    leave_path_out,
                    leave_task_words_out,
                    name_exception,
                    structlog.processors.JSONRenderer(default=str),
                ],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        # Libraries tell all they do at DEBUG: urllib3 each address, with the numbers in it.
        "root": {"handlers": ["stderr"], "level": "INFO" if level == "DEBUG" else level},
        # Servers bring handlers of their own, which know no JSON; their access lines have paths,
        # ours (omnichat.request_log) have routes.
        "loggers": {name: {"handlers": [], "propagate": True} for name in SERVERS}
        | {name: {"handlers": [], "propagate": False} for name in ACCESS}
        | {name: {"level": level} for name in OURS},
    }


def name_process(kind: str) -> None:
    """Have every line say which kind of process it is from."""
    _place["process"] = lambda: kind


def name_site(current: Callable[[], str]) -> None:
    """Have every line say whose data the code worked on: what `current` returns then."""
    _place["site"] = current


def say_where(_logger: Any, _method: str, event: Event) -> Event:
    for name, current in _place.items():
        event.setdefault(name, current())
    return event


def leave_echo_out(_logger: Any, _method: str, event: Event) -> Event:
    """Drop the line as another handler has put it on the record: it has all that we leave out."""
    event.pop("message", None)
    return event


def leave_path_out(_logger: Any, _method: str, event: Event) -> Event:
    """Replace a line about a request by its status: the path may be a secret."""
    if str(event.get("logger")).startswith(PATH_LOGGERS):
        event.pop("request", None)
        failed = event.get("status_code", SERVER_ERROR) >= SERVER_ERROR
        event["event"] = "request_failed" if failed else "request_refused"
    return event


def leave_task_words_out(_logger: Any, _method: str, event: Event) -> Event:
    """Replace a line about a failed task by the task's name and id."""
    context = event.get("data")
    if event.get("logger") == TASK_LOGGER and isinstance(context, dict) and "exc" in context:
        del event["data"]
        event["event"] = "task_failed"
        event.update(task=context.get("name"), task_id=context.get("id"))
    return event


def name_exception(_logger: Any, _method: str, event: Event) -> Event:
    """Say what was raised and where; its words may be a customer's, or hold a number."""
    raised = event.pop("exc_info", None)
    failure = raised[1] if isinstance(raised, tuple) else raised
    if isinstance(failure, BaseException):
        event["exception"] = type(failure).__name__
        event["trace"] = [
            f"{frame.filename}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(failure.__traceback__)[-8:]
        ]
    return event
