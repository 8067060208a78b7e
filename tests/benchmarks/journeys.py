"""(d), (e): how long a message and an answer are under way, from one end to the other."""

import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import httpx

from tests.local_run import RunFailed

PER_SECOND = 20
COUNT = 200
PATIENCE_SECONDS = 60
CHANNELS = ("sms", "whatsapp")
PLACES = """
SELECT address.value, conversation.issue_id, conversation.issue_key,
       message.sender_id, message.address_id
FROM conversations_message AS message
JOIN conversations_conversation AS conversation ON conversation.id = message.conversation_id
JOIN conversations_address AS address ON address.id = message.address_id
WHERE message.direction = 'in' AND conversation.issue_id <> ''
"""


class Journeys:
    """New customers write, then each is answered."""

    def __init__(self, run):
        self.run = run
        self.numbers = [f"38598{2_000_000 + place}" for place in range(COUNT)]
        self.client = httpx.Client(trust_env=False, timeout=30)

    def messages(self):
        """Return the seconds from a phone's send to the request in Jira, for each customer."""
        began = self._pace(self._write)
        site, jira = self.run.described["site"], self.run.described["jira"]

        def opened():
            answer = self.client.get(f"{jira}/_sandbox/requests", params={"site": site})
            return {
                request["summary"].rpartition(" ")[2]: _moment(request["created"])
                for request in answer.json()["requests"]
            }

        ended = self._wait_for_all(opened)
        return sorted(ended[number] - began[number] for number in self.numbers)

    def answers(self):
        """Return the seconds from the panel's post to the arrival at Infobip, and the post's."""
        places = self._places()
        sessions = {number: self._session(places[number][1]) for number in self.numbers}
        taken = {}

        def answer(number):
            began = time.time()
            self._answer(number, places[number], sessions[number])
            taken[number] = time.time() - began

        began = self._pace(answer)

        def sent():
            answer = self.client.get(f"{self.run.described['infobip']}/_sandbox/messages")
            return {message["to"]: message["at"] for message in answer.json()["messages"]}

        ended = self._wait_for_all(sent)
        return sorted(ended[n] - began[n] for n in self.numbers), sorted(taken.values())

    def _pace(self, act):
        """Act for every number in turn, so many a second; returns when each began."""
        began = {}

        def start(number):
            began[number] = time.time()
            act(number)

        first = time.monotonic()
        with ThreadPoolExecutor(max_workers=32) as pool:
            doing = []
            for place, number in enumerate(self.numbers):
                time.sleep(max(0.0, first + place / PER_SECOND - time.monotonic()))
                doing.append(pool.submit(start, number))
            for each in doing:
                each.result()
        return began

    def _wait_for_all(self, look):
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            found = look()
            if all(number in found for number in self.numbers):
                return found
            time.sleep(0.5)
        missing = sum(number not in found for number in self.numbers)
        raise RunFailed(f"{missing} of {COUNT} did not arrive.")

    def _write(self, number):
        channel = CHANNELS[int(number) % 2]
        body = {"channel": channel, "from": number, "text": "Where is my parcel?"}
        url = f"{self.run.described['infobip']}/_sandbox/inbound"
        answer = self.client.post(url, json=body).json()
        if answer["status"] != httpx.codes.OK:
            raise RunFailed(f"The webhook answered {answer['status']}.")

    def _places(self):
        """Wait until every conversation knows its request; return from and to of the answers."""
        found = {}

        def look():
            with self.run.connect(self.run.schema) as connection:
                found.update((row[0], row[1:]) for row in connection.execute(PLACES))
            return found

        return self._wait_for_all(look)

    def _session(self, key):
        call = {"path": "/forge/v1/ui/session", "method": "POST", "body": {}}
        body = {"site": self.run.described["site"], "issue": key, "as": "ana", "call": call}
        answer = self.client.post(f"{self.run.described['jira']}/forge/invoke", json=body).json()
        return answer["body"]["token"]

    def _answer(self, number, place, token):
        issue_id, _key, sender, address = place
        form = {"client_id": str(uuid.uuid4()), "sender": sender, "address": address}
        self.client.post(
            f"{self.run.described['app']}/panel/{issue_id}/messages",
            data=form | {"text": f"It is on its way to {number}."},
            headers={"Authorization": f"Bearer {token}"},
        ).raise_for_status()


def _moment(written):
    return datetime.strptime(written, "%Y-%m-%dT%H:%M:%S.%f%z").timestamp()
