"""What happens when: all of it follows from one seed."""

from dataclasses import dataclass
from itertools import cycle, islice
from random import Random

CUSTOMERS = 40
MESSAGES_EACH = 5
LOAD_SECONDS = 40.0
FIRST_BLOW, LAST_BLOW = 3.0, 38.0
VICTIMS = ("web", "worker", "beat")
KILLS = 6
# Answers that come late, so that a worker is killed while somebody has done what it asked for.
SLOW = {"kind": "slow", "times": 25, "seconds": 1.5}
SLOW_ROUTES = {"infobip": "/message", "jira": "/rest/servicedeskapi/request"}
CHANNELS = ("sms", "whatsapp")


@dataclass(frozen=True)
class Inbound:
    """A customer writes."""

    at: float
    number: str
    channel: str
    text: str


@dataclass(frozen=True)
class Reply:
    """An agent answers the customer's request, as soon as there is one."""

    at: float
    number: str
    text: str


@dataclass(frozen=True)
class Blow:
    """`kill <process>`, `wipe broker` or `restart postgres`."""

    at: float
    what: str


@dataclass(frozen=True)
class Plan:
    inbound: list[Inbound]
    replies: list[Reply]
    blows: list[Blow]

    @property
    def events(self):
        return sorted([*self.inbound, *self.replies, *self.blows], key=lambda event: event.at)


def make_plan(seed):
    """Return the plan of a seed; texts are unique, so that a doubled message shows."""
    random = Random(seed)  # noqa: S311 - it shall be foreseeable
    numbers = [f"38599{7_000_000 + place}" for place in range(CUSTOMERS)]
    inbound = [
        Inbound(
            random.uniform(0, LOAD_SECONDS),
            number,
            random.choice(CHANNELS),
            f"Message {place + 1} of {number}",
        )
        for number in numbers
        for place in range(MESSAGES_EACH)
    ]
    replies = [
        Reply(random.uniform(0.2, 1.0) * LOAD_SECONDS, number, f"Answer to {number}")
        for number in numbers
    ]
    return Plan(inbound, replies, _blows(random))


def _blows(random):
    """Kill each victim in turn, with the two other blows somewhere between."""
    kinds = [f"kill {victim}" for victim in islice(cycle(VICTIMS), KILLS)]
    for other in ("wipe broker", "restart postgres"):
        kinds.insert(random.randrange(len(kinds) + 1), other)
    step = (LAST_BLOW - FIRST_BLOW) / len(kinds)
    return [
        Blow(FIRST_BLOW + (place + random.random()) * step, kind)
        for place, kind in enumerate(kinds)
    ]
