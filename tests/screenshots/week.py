"""A week of a site: conversations that are really had, in a minute, and told as of seven days."""

import uuid
from bisect import bisect_right
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import httpx

from tests.local_run import wait_until
from tests.screenshots.stories import CUSTOMER, NAMES, PHOTOGRAPHED, STORIES, WITH_PHOTO, Story

ZONE = ZoneInfo("Europe/Zagreb")
BEGUN = (2, 3, 7, 9, 7, 8, 6, 4)  # conversations of each day, the last of them today
GAPS = (2, 3, 5, 8, 12, 20, 45)  # minutes between two messages
ABSENT = "91"  # how numbers end at which the sandbox lets sends fail as for a phone that is off
PATIENCE = 120  # seconds
SLACK = timedelta(milliseconds=50)  # between two processes' clocks
PLACES = """
SELECT DISTINCT ON (a.value) a.value, c.id, c.issue_id, c.issue_key, m.sender_id, m.address_id
FROM conversations_message AS m
JOIN conversations_conversation AS c ON c.id = m.conversation_id
JOIN conversations_address AS a ON a.id = m.address_id
WHERE m.direction = 'in' AND c.issue_key <> '' AND a.value = ANY(%s)
"""
SAID = """
SELECT created_at FROM conversations_message
WHERE conversation_id = %s AND auto_reply = '' ORDER BY id
"""
UNSETTLED = """
SELECT count(*) FROM conversations_send WHERE state IN ('queued', 'sent')
"""
ENDED = "SELECT state_changed_at FROM conversations_conversation WHERE id = %s AND state = 'ended'"
# An event of what came before the request names the row alone.
ABOUT = """
issue_key = %(key)s OR (subject_type, subject_id) IN (
    SELECT 'conversation', %(id)s::text
    UNION SELECT 'message', id::text FROM conversations_message WHERE conversation_id = %(id)s
    UNION SELECT 'customer', customer_id::text FROM conversations_conversation WHERE id = %(id)s)
"""
# Every moment that is told of a conversation: in which rows, and which columns.
TOLD = {
    "conversations_message": ("conversation_id = %(id)s", "occurred_at, created_at"),
    "conversations_send": (
        "message_id IN (SELECT id FROM conversations_message WHERE conversation_id = %(id)s)",
        "created_at, sent_at, delivered_at, read_at",
    ),
    "conversations_auditevent": (
        ABOUT,
        "occurred_at",
    ),
    "conversations_customer": (
        "id = (SELECT customer_id FROM conversations_conversation WHERE id = %(id)s)",
        "created_at",
    ),
    "conversations_address": (
        "id IN (SELECT address_id FROM conversations_message WHERE conversation_id = %(id)s)",
        "created_at, consent_at",
    ),
    "conversations_conversation": (
        "id = %(id)s",
        "created_at, last_message_at, state_changed_at, issue_status_at",
    ),
}


@dataclass(frozen=True)
class Place:
    """Where one conversation is had."""

    id: int
    issue_id: str
    key: str
    sender: int
    address: int


@dataclass
class Talk:
    """One customer's conversation, and when it is told to have begun."""

    story: Story
    number: str
    name: str
    began: datetime
    gaps: list[timedelta]
    place: Place | None = None
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def told(self) -> list[datetime]:
        """The moments of its messages, and of its end."""
        moments = [self.began]
        for gap in self.gaps:
            moments.append(moments[-1] + gap)
        return moments


def planned(now: datetime) -> list[Talk]:
    """Return the same week for every picture, as far as today has come."""
    chance, talks = Random(6), []  # noqa: S311 - nothing is to be kept secret
    for days, count in enumerate(reversed(BEGUN)):
        for _ in range(count):
            place = len(talks)
            story = STORIES[place % len(STORIES)]
            gaps = [timedelta(minutes=chance.choice(GAPS), seconds=17) for _ in story.turns]
            began = (now - timedelta(days=days)).replace(
                hour=chance.randint(8, 17), minute=chance.randint(0, 59)
            )
            latest = now - sum(gaps, timedelta(minutes=3 * count - 2 * place))
            ending = ABSENT if place % len(STORIES) == 1 and place % 2 else f"{10 + place}"
            name = NAMES[place % len(NAMES)] if story.channel == "whatsapp" else ""
            number = f"3859155{place:03d}{ending}"
            talks.append(Talk(story, number, name, min(began, latest), gaps))
    return talks


class Week:
    """Customers and agents of a run who have their conversations at once, turn by turn."""

    def __init__(self, run):
        self.run = run
        self.talks = planned(datetime.now(ZONE))
        self.client = httpx.Client(trust_env=False, timeout=PATIENCE)

    def play(self):
        """Return when every message has arrived, and all is told as of a week."""
        with self.run.connect(self.run.schema) as database, ThreadPoolExecutor(8) as people:
            for turn in range(max(len(talk.story.turns) for talk in self.talks)):
                speaking = [talk for talk in self.talks if turn < len(talk.story.turns)]
                list(people.map(lambda talk: self._speak(talk, *talk.story.turns[turn]), speaking))  # noqa: B023
                wait_until(lambda: self._heard(database, speaking, turn), PATIENCE)  # noqa: B023
            wait_until(lambda: database.execute(UNSETTLED).fetchone() == (0,), PATIENCE)
            ending = [talk for talk in self.talks if talk.story.resolved]
            list(people.map(self._resolve, ending))
            wait_until(
                lambda: all(database.execute(ENDED, [t.place.id]).fetchone() for t in ending),
                PATIENCE,
            )
            self._tell(database)

    def _speak(self, talk, who, text):
        if who == CUSTOMER:
            wish = {"channel": talk.story.channel, "from": talk.number, "text": text}
            wish |= PHOTOGRAPHED if text == WITH_PHOTO else {}
            url = f"{self.run.described['infobip']}/_sandbox/inbound"
            answer = self.client.post(url, json=wish | {"name": talk.name})
            assert answer.json()["status"] == httpx.codes.OK
            return
        form = {
            "client_id": str(uuid.uuid4()),
            "sender": talk.place.sender,
            "address": talk.place.address,
            "text": text,
        }
        self.client.post(
            f"{self.run.described['app']}/panel/{talk.place.issue_id}/messages",
            data=form,
            headers={"Authorization": f"Bearer {self._token(talk, who)}"},
        ).raise_for_status()

    def _token(self, talk, who):
        if who not in talk.tokens:
            call = {"path": "/forge/v1/ui/session", "method": "POST", "body": {}}
            wish = {"site": self.run.described["site"], "issue": talk.place.key, "as": who}
            url = f"{self.run.described['jira']}/forge/invoke"
            answer = self.client.post(url, json=wish | {"call": call}).json()
            talk.tokens[who] = answer["body"]["token"]
        return talk.tokens[who]

    def _heard(self, database, speaking, turn):
        """Whether everybody's words are stored, and each conversation has its request."""
        found = database.execute(PLACES, [[talk.number for talk in speaking]]).fetchall()
        places = {number: Place(*place) for number, *place in found}
        for talk in speaking:
            talk.place = places.get(talk.number)
        return all(
            talk.place and len(database.execute(SAID, [talk.place.id]).fetchall()) > turn
            for talk in speaking
        )

    def _resolve(self, talk):
        url = f"{self.run.described['jira']}/_sandbox/requests/{talk.place.key}/transition"
        told = {"site": self.run.described["site"], "to": "Resolved", "as": "ivan"}
        self.client.post(url, json=told).raise_for_status()

    def _tell(self, database):
        """Move what was had in a minute to where it is told to have been, and seal it anew."""
        with database.transaction():
            database.execute("SET LOCAL omnichat.retention = 'on'")
            for talk in self.talks:
                had = [at for (at,) in database.execute(SAID, [talk.place.id])]
                had += [at for (at,) in database.execute(ENDED, [talk.place.id])]
                for table, (whose, columns) in TOLD.items():
                    _move(database, table, whose, columns, talk.place, had, talk.told)
            database.execute("DELETE FROM conversations_auditseal")
            database.execute(
                "DELETE FROM public.tenants_audithead WHERE schema_name = %s", [self.run.schema]
            )


def _move(database, table, whose, columns, place, had, told):
    names = columns.split(", ")
    asked = {"id": place.id, "key": place.key}
    rows = database.execute(f"SELECT id, {columns} FROM {table} WHERE {whose}", asked).fetchall()  # noqa: S608
    for key, *moments in rows:
        moved = [at and _moved(at, had, told) for at in moments]
        settings = ", ".join(f"{name} = %s" for name in names)
        database.execute(f"UPDATE {table} SET {settings} WHERE id = %s", [*moved, key])  # noqa: S608


def _moved(at, had, told):
    """As long after the turn before it as it really was."""
    turn = max(bisect_right(had, at + SLACK) - 1, 0)
    return told[turn] + (at - had[turn])
