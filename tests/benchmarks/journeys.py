"""First messages: how long one is under way from a customer's phone to the request in Jira."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import httpx

from tests.local_run import RunFailed

PATIENCE_SECONDS = 60
CHANNELS = ("sms", "whatsapp")


class FirstMessages:
    """New customers write, over both channels in turn."""

    def __init__(self, run, *, per_second, count, numbers_from):
        self.run = run
        self.per_second = per_second
        # The sandbox's Infobip refuses numbers of some endings, and a refused one is opted out.
        self.numbers = [f"{numbers_from + place}00" for place in range(count)]
        self.client = httpx.Client(trust_env=False, timeout=30)

    def seconds(self):
        """Return the seconds from a phone's send to the request in Jira, for each customer."""
        due = self._write_all()
        opened = self._wait_for_all()
        return [opened[number] - due[number] for number in self.numbers]

    def _write_all(self):
        """Write at the pace; returns when each was due, whatever became of those before it."""
        began, due = time.time(), {}
        with ThreadPoolExecutor(max_workers=64) as pool:
            doing = []
            for place, number in enumerate(self.numbers):
                due[number] = began + place / self.per_second
                time.sleep(max(0.0, due[number] - time.time()))
                doing.append(pool.submit(self._write, number))
            for each in doing:
                each.result()
        return due

    def _wait_for_all(self):
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            found = self._opened()
            if all(number in found for number in self.numbers):
                return found
            time.sleep(0.5)
        missing = sum(number not in found for number in self.numbers)
        raise RunFailed(f"{missing} of {len(self.numbers)} requests were not opened.")

    def _opened(self):
        site, jira = self.run.described["site"], self.run.described["jira"]
        answer = self.client.get(f"{jira}/_sandbox/requests", params={"site": site})
        return {
            request["summary"].rpartition(" ")[2]: _moment(request["created"])
            for request in answer.json()["requests"]
        }

    def _write(self, number):
        channel = CHANNELS[int(number) // 100 % 2]
        body = {"channel": channel, "from": number, "text": "Where is my parcel?"}
        url = f"{self.run.described['infobip']}/_sandbox/inbound"
        answer = self.client.post(url, json=body).json()
        if answer["status"] != httpx.codes.OK:
            raise RunFailed(f"The webhook answered {answer['status']}.")


def _moment(written):
    return datetime.strptime(written, "%Y-%m-%dT%H:%M:%S.%f%z").timestamp()
