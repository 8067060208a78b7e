"""How our neighbours answer: each call to them is timed, by neighbour and outcome."""

from collections.abc import Callable
from time import perf_counter
from typing import Protocol, TypeVar

from prometheus_client import Histogram

TOO_MANY = 429

SECONDS = Histogram(
    "omnichat_outside_call_seconds",
    "How long neighbours took to answer, by outcome: class of the status, 429, or no answer.",
    ["neighbour", "outcome"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25),
)


class Answer(Protocol):
    status_code: int


Given = TypeVar("Given", bound=Answer)


def timed(neighbour: str, call: Callable[[], Given]) -> Given:
    """Make a call and count what came of it."""
    began = perf_counter()
    outcome = "none"
    try:
        answer = call()
        status = answer.status_code
        outcome = str(status) if status == TOO_MANY else f"{status // 100}xx"
        return answer
    finally:
        SECONDS.labels(neighbour, outcome).observe(perf_counter() - began)
