"""Each task is counted and timed by its name, and its lines name it and the request behind it."""

from time import perf_counter
from typing import Any

from celery import Task
from celery.signals import before_task_publish, task_postrun, task_prerun
from prometheus_client import Counter, Histogram
from structlog.contextvars import bind_contextvars, clear_contextvars, get_contextvars

TASKS = Counter("omnichat_tasks", "Tasks run, by name and outcome.", ["task", "outcome"])
SECONDS = Histogram(
    "omnichat_task_seconds",
    "How long tasks took, by name.",
    ["task"],
    buckets=(0.01, 0.05, 0.1, 0.5, 1, 5, 20, 60),
)
# Celery's own headers become attributes of the task's request, and so does this one.
CAUSE = "request_id"
BEGAN = "task_began"


def connect() -> None:
    """Have Celery tell this module of every task."""
    before_task_publish.connect(name_the_cause)
    task_prerun.connect(begin_lines)
    task_postrun.connect(count_task)


def name_the_cause(headers: dict[str, Any], **_sent: Any) -> None:
    """Send along which request, or which task's request, has asked for this task."""
    if cause := get_contextvars().get(CAUSE):
        headers.setdefault(CAUSE, cause)


def begin_lines(task_id: str, task: Task[..., Any], **_sent: Any) -> None:
    clear_contextvars()
    bind_contextvars(task=task.name, task_id=task_id)
    if cause := task.request.get(CAUSE):
        bind_contextvars(**{CAUSE: cause})
    setattr(task.request, BEGAN, perf_counter())


def count_task(task: Task[..., Any], state: str | None = None, **_sent: Any) -> None:
    TASKS.labels(task.name, "done" if state == "SUCCESS" else "failed").inc()
    SECONDS.labels(task.name).observe(perf_counter() - getattr(task.request, BEGAN, perf_counter()))
    clear_contextvars()
