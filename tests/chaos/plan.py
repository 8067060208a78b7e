"""What happens in a round, and when: all of it follows from seed and number."""

from dataclasses import dataclass, field
from random import Random

SITES = ("demo", "second")
LOAD_SECONDS = 6.0
BLOWS_FROM, BLOWS_TO = 0.3, 5.5  # when blows begin
LONGEST_BLOW = 3.0
PEOPLE = 10
ON_BOTH_SITES = 3
MOST_ROUNDS = 1000
CHANNELS = ("sms", "whatsapp")
PROCESSES = ("web", "stream", "worker", "beat")
STORES = ("database", "broker")
REQUEST_FAULTS = (
    "429",
    "429_retry_after",
    "500",
    "html_502",
    "timeout",
    "drop_after_accept",
    "slow",
)
# The route of a neighbour's API: its control routes and pages are the people's.
APIS = {"infobip": "/", "jira": "/rest/"}
WEBHOOK_TWISTS = ("duplicate_webhook", "reorder")
UNKNOWN_END = {"500", "html_502", "timeout", "drop_after_accept"}
EARLY = 2.0  # when faults are over that are waited for
EVENT_TWISTS = ("duplicate", "reorder", "late")


@dataclass(frozen=True)
class Inbound:
    """A customer writes; with a picture or without."""

    at: float
    site: str
    number: str
    channel: str
    text: str
    picture: bool = False


@dataclass(frozen=True)
class Reply:
    """An agent answers the customer's request, as soon as there is one."""

    at: float
    site: str
    number: str
    text: str
    picture: bool = False


@dataclass(frozen=True)
class Move:
    """An agent pauses, resumes or resolves the customer's newest request."""

    at: float
    site: str
    number: str
    what: str


@dataclass(frozen=True)
class Blow:
    """What goes wrong: a kind, whom it strikes and for how long; or a fault of a neighbour."""

    at: float
    kind: str
    whom: str = ""
    seconds: float = 0.0
    fault: dict = field(default_factory=dict)

    def __str__(self):
        lasting = f" {self.seconds:.1f} s" if self.seconds else ""
        return f"{self.kind} {self.whom}{lasting}".strip()


@dataclass(frozen=True)
class Plan:
    seed: int
    number: int
    inbound: list[Inbound]
    replies: list[Reply]
    moves: list[Move]
    blows: list[Blow]

    @property
    def numbers(self):
        return sorted({each.number for each in self.inbound})

    @property
    def events(self):
        all_of_them = [*self.inbound, *self.replies, *self.moves, *self.blows]
        return sorted(all_of_them, key=lambda event: event.at)

    @property
    def mark(self):
        """What every text of this round holds."""
        return f"round {self.number}."


def make_plan(seed, number):
    """Return a round's plan; texts are unique, so that a doubled message shows."""
    if not 0 <= number < MOST_ROUNDS:
        raise ValueError(f"Rounds are numbered from 0 to {MOST_ROUNDS - 1}.")
    random = Random(f"{seed}/{number}")  # noqa: S311 - it shall be foreseeable
    inbound, replies, moves = [], [], []
    for person in range(PEOPLE):
        phone = f"38599{number:03}{person:02}10"
        sites = SITES if person < ON_BOTH_SITES else (random.choice(SITES),)
        for site in sites:
            writes, answers, moved = _conversation(random, number, site, phone)
            inbound += writes
            replies += answers
            moves += moved
    return Plan(seed, number, inbound, replies, moves, _blows(random))


def _conversation(random, number, site, phone):
    """Return what customer and agents do: messages, answers, moves."""
    said = f"[{site}] round {number}. {phone}"
    writes = [
        _inbound(random, site, phone, f"{said} message {place + 1}", random.choice(CHANNELS))
        for place in range(random.randint(1, 4))
    ]
    pictures = any(each.channel == "whatsapp" for each in writes)
    answers = [
        Reply(
            random.uniform(0.5, LOAD_SECONDS),
            site,
            phone,
            f"{said} answer {place + 1}",
            picture=pictures and random.random() < 0.3,
        )
        for place in range(random.choice((0, 1, 1, 2)))
    ]
    moves = []
    what = random.choice((*[None] * 6, "pause", "resume", "resolve", "resolve", "stop"))
    if what == "stop":
        at = random.uniform(1, LOAD_SECONDS - 2)
        writes.append(Inbound(at, site, phone, "sms", "STOP"))
        writes.append(Inbound(at + random.uniform(0.5, 1.5), site, phone, "sms", "START"))
    elif what is not None:
        at = random.uniform(1.5, LOAD_SECONDS - 1)
        moves.append(Move(at, site, phone, "resolve" if what == "resolve" else "pause"))
        if what == "resume":
            moves.append(Move(at + 0.7, site, phone, "resume"))
        later = _inbound(random, site, phone, f"{said} after it", random.choice(CHANNELS))
        writes.append(later)
    return writes, answers, moves


def _inbound(random, site, phone, text, channel):
    picture = channel == "whatsapp" and random.random() < 0.35
    return Inbound(random.uniform(0, LOAD_SECONDS), site, phone, channel, text, picture)


def _blows(random):
    kinds = random.choices(tuple(HARD), weights=[weight for weight, _make in HARD.values()], k=3)
    blows = [HARD[kind][1](random) for kind in kinds]
    blows += [_refusal(random) for _ in range(random.randint(2, 5))]
    blows += [_twist(random) for _ in range(random.randint(1, 3))]
    return sorted(blows, key=lambda blow: blow.at)


def _at(random):
    return random.uniform(BLOWS_FROM, BLOWS_TO)


def _kill(random):
    victims = random.sample(PROCESSES, random.choice((1, 1, 1, 2, 2, 4)))
    return Blow(_at(random), "kill", "+".join(sorted(victims)))


def _lasting(kind, *whom):
    def make(random):
        return Blow(
            _at(random), kind, random.choice(whom), seconds=random.uniform(0.5, LONGEST_BLOW)
        )

    return make


def _sudden(kind, *whom):
    return lambda random: Blow(_at(random), kind, random.choice(whom))


HARD = {
    "kill": (6, _kill),
    "freeze": (2, _lasting("freeze", "worker", "web")),
    "wipe": (1, _sudden("wipe", "broker")),
    "end": (1, _sudden("kill", "valkey")),
    "stop": (2, _sudden("stop", "postgres")),
    "cut": (2, _sudden("cut", *STORES)),
    "slow": (1, _lasting("slow", *STORES)),
    "hold": (2, _lasting("hold", *STORES)),
    "vanish": (1, _lasting("vanish", *STORES)),
    "fill": (2, _lasting("fill", "disk")),
}


def _refusal(random):
    """Let a neighbour fail for a while.

    A try at Jira whose end is unknown is settled when Jira's index has had 30 s, a silent neighbour
    is given up after 20 s: the product means to wait so long, hence these faults end early.
    """
    whom, kind = random.choice(tuple(APIS)), random.choice(REQUEST_FAULTS)
    waits_long = kind == "timeout" or (whom == "jira" and kind in UNKNOWN_END)
    lasts = random.uniform(0.5, EARLY if waits_long else LONGEST_BLOW)
    fault = {"route": APIS[whom], "kind": kind, "times": 1000, "lasts": lasts}
    match kind:
        case "429_retry_after":
            fault["retry_after"] = random.randint(1, 3)
        case "slow":
            fault["seconds"] = random.uniform(0.5, LONGEST_BLOW)
        case "timeout" | "drop_after_accept":
            fault["times"] = random.randint(1, 4)
    at = random.uniform(0, EARLY - lasts) if waits_long else _at(random)
    return Blow(at, "fault", f"{whom} {kind}", seconds=lasts, fault=fault)


def _twist(random):
    times = random.randint(3, 15)
    if random.random() < 0.4:
        fault = {"route": "events", "kind": random.choice(EVENT_TWISTS), "times": times}
        if fault["kind"] == "late":
            fault["seconds"] = round(random.uniform(0.5, LONGEST_BLOW), 2)
        whom = "jira"
    else:
        route, kind = random.choice(("inbound", "report")), random.choice(WEBHOOK_TWISTS)
        fault = {"route": route, "kind": kind, "times": times}
        whom = "infobip"
    return Blow(0.0, "fault", f"{whom} {fault['kind']} x{times}", fault=fault)
