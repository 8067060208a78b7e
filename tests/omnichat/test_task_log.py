"""A task's lines name it and the request that caused it; it is counted by name and outcome."""

import pytest
from celery import shared_task
from structlog.contextvars import bind_contextvars, clear_contextvars, get_contextvars

from omnichat.celery import app
from omnichat.task_log import begin_lines, name_the_cause
from tests import figures

NAME = "tests.tasks.seen"


@shared_task(name=NAME)
def seen(fail=""):
    if fail:
        raise ValueError(fail)


@pytest.fixture(autouse=True)
def without_context():
    clear_contextvars()
    yield
    clear_contextvars()


def counted(outcome):
    return figures.counted("omnichat_tasks_total", task=NAME, outcome=outcome)


def test_task_is_sent_with_the_request_that_asked_for_it():
    headers = {}
    bind_contextvars(request_id="a1")

    name_the_cause(headers=headers)

    assert headers == {"request_id": "a1"}


def test_what_nobody_asked_for_names_no_request():
    headers = {}

    name_the_cause(headers=headers)

    assert headers == {}


def test_the_message_in_the_broker_names_the_request():
    bind_contextvars(request_id="a1")
    (queue,) = app.amqp.queues.values()
    with app.connection() as broker:
        queue(broker.default_channel).purge()  # tests before may have published, too

        app.send_task(NAME, ())

        message = queue(broker.default_channel).get(no_ack=True)
    assert message.headers["request_id"] == "a1"


def test_lines_of_a_task_name_it_and_the_request():
    seen.push_request(request_id="a1")

    begin_lines(task_id="t1", task=seen)

    assert get_contextvars() == {"task": NAME, "task_id": "t1", "request_id": "a1"}
    seen.pop_request()


def test_nothing_of_a_task_stays_with_the_thread():
    seen.apply()

    assert get_contextvars() == {}


@pytest.mark.parametrize(("fail", "outcome"), [("", "done"), ("385991903327", "failed")])
def test_tasks_are_counted_by_outcome(fail, outcome):
    before = counted(outcome)

    seen.apply(args=(fail,))

    assert counted(outcome) == before + 1
