"""Customers who write and agents who answer, as stubborn as Infobip and the panel are."""

import time
import uuid
from contextlib import suppress
from dataclasses import dataclass, field

import httpx
import psycopg

PAUSE = 0.3  # seconds before somebody tries again
WHERE = """
SELECT conversation.issue_id, conversation.issue_key, message.sender_id, message.address_id
FROM conversations_message AS message
JOIN conversations_conversation AS conversation ON conversation.id = message.conversation_id
JOIN conversations_address AS address ON address.id = message.address_id
WHERE address.value = %s AND message.direction = 'in' AND conversation.issue_id <> ''
ORDER BY message.id DESC LIMIT 1
"""


@dataclass
class People:
    """What they did: provider ids of what was written, client ids of what was answered."""

    run: object
    deadline: float
    written: dict[str, str] = field(default_factory=dict)
    answered: dict[str, str] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    repeated_posts: int = 0
    refused_at_first: int = 0

    def __post_init__(self):
        self.client = httpx.Client(trust_env=False, timeout=10, limits=httpx.Limits())

    def write(self, inbound):
        """Have a phone write; what the webhook does not take, the sandbox pushes again."""
        body = {"channel": inbound.channel, "from": inbound.number, "text": inbound.text}
        answer = self.client.post(
            f"{self.run.described['infobip']}/_sandbox/inbound", json=body, timeout=60
        )
        answer.raise_for_status()
        self.written[answer.json()["message_id"]] = inbound.text
        if answer.json()["status"] != httpx.codes.OK:
            self.refused_at_first += 1

    def answer(self, reply):
        """Answer through the panel: the same client id until the product has said what it did."""
        client_id = str(uuid.uuid4())
        self.answered[client_id] = reply.text
        place, token = None, None
        while time.monotonic() < self.deadline:
            place = place or self._place(reply.number)
            token = token or (place and self._token(place[1]))
            if token:
                status = self._post(place, token, reply.text, client_id)
                if status == httpx.codes.UNAUTHORIZED:
                    token = None
                elif status and status < httpx.codes.INTERNAL_SERVER_ERROR:
                    if status >= httpx.codes.BAD_REQUEST:
                        self.refused.append(f"{status} for {reply.number}")
                    return
                self.repeated_posts += 1
            time.sleep(PAUSE)
        self.refused.append(f"nothing for {reply.number}")

    def _place(self, number):
        """Find the request, and from and to where the customer last wrote."""
        with suppress(psycopg.Error), self.run.connect(self.run.schema) as connection:
            return connection.execute(WHERE, (number,)).fetchone()
        return None

    def _token(self, key):
        call = {"path": "/forge/v1/ui/session", "method": "POST", "body": {}}
        body = {"site": self.run.described["site"], "issue": key, "as": "ana", "call": call}
        with suppress(httpx.HTTPError):
            answer = self.client.post(
                f"{self.run.described['jira']}/forge/invoke", json=body, timeout=30
            ).json()
            if answer.get("status") == httpx.codes.OK:
                return answer["body"]["token"]
        return None

    def _post(self, place, token, text, client_id):
        issue_id, _key, sender, address = place
        form = {"text": text, "client_id": client_id, "sender": sender, "address": address}
        try:
            return self.client.post(
                f"{self.run.described['app']}/panel/{issue_id}/messages",
                data=form,
                headers={"Authorization": f"Bearer {token}"},
            ).status_code
        except httpx.HTTPError:
            return None
