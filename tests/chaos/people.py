"""Customers who write and agents who act, as stubborn as Infobip and the panel are."""

import base64
import io
import re
import time
import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from hashlib import sha256

import httpx
import psycopg
from PIL import Image

from tests.chaos.plan import Inbound, Move, Reply

PAUSE = 0.3  # seconds before somebody tries again
UPLOAD = re.compile(r'data-upload="(\d+)"')
# Where the customer wrote last, over a channel of these; of their requests the newest.
WHERE = """
SELECT conversation.issue_id, conversation.issue_key, message.sender_id, message.address_id
FROM conversations_message AS message
JOIN conversations_conversation AS conversation ON conversation.id = message.conversation_id
JOIN conversations_address AS address ON address.id = message.address_id
WHERE address.value = %s AND message.direction = 'in' AND conversation.issue_id <> ''
    AND message.channel = ANY(%s)
ORDER BY message.id DESC LIMIT 1
"""


class NotThisTime(Exception):
    """It was not answered as it should be: worth another try."""


class NotThereYet(Exception):
    """The customer has no request yet."""


@dataclass
class Said:
    """What the panel said in the end to an agent's message: its status, 0 for never."""

    text: str
    status: int = 0


@dataclass
class People:
    """The people of one round and what they did.

    `written` has the texts by site and provider id, `said` the answers by site and client id.
    """

    stage: object
    deadline: float
    written: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    said: dict[str, dict[str, Said]] = field(default_factory=lambda: defaultdict(dict))
    moved: list[tuple[Move, int]] = field(default_factory=list)
    repeated: int = 0
    refused_at_first: int = 0

    def __post_init__(self):
        self.client = httpx.Client(trust_env=False, timeout=10, limits=httpx.Limits())
        self.described = self.stage.run.described

    def act(self, event):
        match event:
            case Inbound():
                self.write(event)
            case Reply():
                self.answer(event)
            case Move():
                self.moved.append((event, self.insist(lambda: self._move(event))))

    def write(self, inbound):
        """Have a phone write; what the webhook does not take, the sandbox pushes again."""
        body = {"site": inbound.site, "channel": inbound.channel, "from": inbound.number}
        body["text"] = inbound.text
        if inbound.picture:
            name = f"{sha256(inbound.text.encode()).hexdigest()[:8]}.png"
            content = base64.b64encode(picture(inbound.text)).decode()
            body["file"] = {"name": name, "content_type": "image/png", "base64": content}
            body["type"] = "image"
        answer = self.client.post(
            f"{self.described['infobip']}/_sandbox/inbound", json=body, timeout=60
        )
        answer.raise_for_status()
        self.written[inbound.site][answer.json()["message_id"]] = inbound.text
        if answer.json()["status"] != httpx.codes.OK:
            self.refused_at_first += 1

    def answer(self, reply):
        """Answer through the panel: the same client id until the product has said what it did."""
        client_id = str(uuid.uuid4())
        said = self.said[reply.site][client_id] = Said(reply.text)
        uploads = []

        def once():
            place, token = self._place(reply.site, reply.number, whatsapp=reply.picture)
            if reply.picture and not uploads:
                answer = self._upload(place, token, reply.text)
                if answer.status_code != httpx.codes.CREATED:
                    return answer.status_code
                uploads.append(UPLOAD.search(answer.text)[1])
            form = {"text": reply.text, "client_id": client_id, "attachments": uploads}
            return self._post(place, token, "messages", form)

        said.status = self.insist(once)

    def insist(self, once):
        """Try until there is an answer that stands; returns its status, 0 when time is up."""
        while time.monotonic() < self.deadline:
            try:
                status = once()
                if status != httpx.codes.UNAUTHORIZED and not httpx.codes.is_server_error(status):
                    return status
                self.repeated += 1
            except (NotThisTime, httpx.HTTPError):
                self.repeated += 1
            except (NotThereYet, psycopg.Error):
                pass  # asked of the database by us: it was nobody's panel
            time.sleep(PAUSE)
        return 0

    def _move(self, move):
        place, token = self._place(move.site, move.number)
        if move.what == "resolve":
            url = f"{self.described['jira']}/_sandbox/requests/{place[1]}/transition"
            body = {"site": move.site, "to": "Resolved", "as": "ivan"}
            return self.client.post(url, json=body).status_code
        return self._post(place, token, move.what, {})

    def _place(self, site, number, *, whatsapp=False):
        """Find the request, from and to where the customer last wrote, and a session there."""
        channels = ["whatsapp"] if whatsapp else ["sms", "whatsapp"]
        with self.stage.connect(site) as connection:
            place = connection.execute(WHERE, (number, channels)).fetchone()
        if place is None:
            raise NotThereYet
        return place, self._token(site, place[1])

    def _token(self, site, key):
        call = {"path": "/forge/v1/ui/session", "method": "POST", "body": {}}
        body = {"site": site, "issue": key, "as": "ana", "call": call}
        answer = self.client.post(
            f"{self.described['jira']}/forge/invoke", json=body, timeout=30
        ).json()
        if answer.get("status") != httpx.codes.OK:
            raise NotThisTime
        return answer["body"]["token"]

    def _upload(self, place, token, text):
        files = {"file": ("plan.png", picture(text), "image/png")}
        return self._request(place, token, "uploads", {}, files)

    def _post(self, place, token, route, form):
        return self._request(place, token, route, form).status_code

    def _request(self, place, token, route, form, files=None):
        issue_id, _key, sender, address = place
        return self.client.post(
            f"{self.described['app']}/panel/{issue_id}/{route}",
            data={"sender": sender, "address": address} | form,
            files=files,
            headers={"Authorization": f"Bearer {token}"},
        )


def picture(text):
    """Return a picture that is no other text's."""
    digest = sha256(text.encode()).digest()
    drawn = Image.frombytes("RGB", (64, 64), digest * 384)
    buffer = io.BytesIO()
    drawn.save(buffer, "PNG", compress_level=0)
    return buffer.getvalue()
