"""A site installs the app, leaves and comes back: the whole product with its own workers."""

import json
import re
from itertools import count

import httpx
import pytest

from tests.local_run import local_run, wait_until

PATIENCE_SECONDS = 40
numbers = count(1)


@pytest.fixture(scope="module")
def run():
    with local_run() as started:
        yield started


class Site:
    """A Jira site of the sandbox with a customer of its own, from outside."""

    def __init__(self, run, slug):
        self.run, self.slug = run, slug
        self.customer = f"38591{next(numbers):05d}01"

    def install(self):
        return self.post("jira", "install", site=self.slug)

    def uninstall(self):
        assert self.post("jira", "uninstall", site=self.slug)["app_status"] == 204

    def customer_writes(self, text):
        (account,) = [
            each
            for each in self.get("infobip", "accounts")["accounts"]
            if each["site"] == self.slug
        ]
        message = {"channel": "sms", "to": account["senders"]["sms"], "text": text}
        return self.post("infobip", "inbound", **message, **{"from": self.customer})["status"]

    def requests(self):
        return self.get("jira", "requests", site=self.slug)["requests"]

    def wait_for_requests(self, number):
        return wait_until(lambda: len(found := self.requests()) == number and found)

    def state_of(self, key):
        """What stands in the request's property, once it stands there."""
        path = f"requests/{key}"
        return wait_until(
            lambda: self.get("jira", path, site=self.slug)["properties"].get("omnichat")
        )["state"]

    def open_panel(self, key):
        """Return Forge's answer to the shell that asks for a session."""
        call = {"path": "/forge/v1/ui/session", "method": "POST", "body": {"page": "panel"}}
        body = {"site": self.slug, "issue": key, "as": "ana", "call": call}
        return httpx.post(f"{self.run.described['jira']}/forge/invoke", json=body).json()

    def post(self, where, what, **told):
        url = f"{self.run.described[where]}/_sandbox/{what}"
        return httpx.post(url, json=told, timeout=PATIENCE_SECONDS).raise_for_status().json()

    def get(self, where, what, **asked):
        url = f"{self.run.described[where]}/_sandbox/{what}"
        return httpx.get(url, params=asked, timeout=PATIENCE_SECONDS).raise_for_status().json()


def state_in_the_list(run, slug):
    """What operators see."""
    lines = run.manage("list_sites", "--json").splitlines()
    return next(site["state"] for site in map(json.loads, lines) if site["site"] == slug)


def texts_in(run, session):
    """The messages in an open panel, in their order."""
    html = httpx.get(
        f"{run.described['app']}/panel/{session['issue_id']}/view",
        headers={"Authorization": f"Bearer {session['token']}"},
    ).text
    return re.findall(r'<p class="text"[^>]*>([^<]*)</p>', html)


def test_site_that_leaves_and_comes_back_finds_everything(run):
    site = Site(run, "initech")
    site.install()
    assert site.customer_writes("Hello") == 200
    (request,) = site.wait_for_requests(1)
    assert site.open_panel(request["key"])["status"] == 200

    site.uninstall()
    assert site.customer_writes("Is anybody there?") == 200
    assert state_in_the_list(run, "initech") == "uninstalled"
    site.install()
    assert site.customer_writes("And now?") == 200

    session = site.open_panel(request["key"])
    assert session["status"] == 200
    texts = wait_until(lambda: len(said := texts_in(run, session["body"])) == 3 and said)
    assert texts == ["Hello", "Is anybody there?", "And now?"]
    assert len(site.requests()) == 1


def test_two_sites_know_nothing_of_each_other(run):
    hooli, umbrella = Site(run, "hooli"), Site(run, "umbrella")
    hooli.install()
    umbrella.install()
    umbrella.customer = hooli.customer
    hooli.customer_writes("For hooli")
    umbrella.customer_writes("For umbrella")

    (mine,), (theirs,) = hooli.wait_for_requests(1), umbrella.wait_for_requests(1)

    assert (mine["description"], theirs["description"]) == ("For hooli", "For umbrella")
