"""An agent's panel over Django's test client: what it asks, and how it reads the answer."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from uuid import uuid4

import pytest
from django.test import Client

from conversations.contracts import Agent
from jira_bridge import panel_session
from tenants.context import schema_context
from tests.factories import AgentFactory, MessageFactory


@dataclass
class Panel:
    agent: Agent
    token: str
    client: Client = field(default_factory=lambda: Client(enforce_csrf_checks=True))

    @classmethod
    def of(cls, **agent):
        made = AgentFactory(**agent)
        return cls(made, panel_session.issue(made))

    def get(self, path, **query):
        return self._ask("get", path, query)

    def post(self, path, **form):
        return self._ask("post", path, form)

    def send(self, question, **changes):
        form = {
            "text": "Today at noon.",
            "client_id": str(uuid4()),
            "sender": question.sender_id,
            "address": question.address_id,
        }
        return self.post("messages", **(form | changes))

    def delete(self, path):
        return self._ask("delete", path, "")

    def _ask(self, method, path, content):
        address = f"/panel/{self.agent.issue_id}/{path}"
        # Each request enters the site of its token by itself, and leaves it.
        with schema_context("site_acme"):
            return getattr(self.client, method)(
                address, content, headers={"Authorization": f"Bearer {self.token}"}
            )


class Elements(HTMLParser):
    """The elements of a fragment with their attributes, in order."""

    def __init__(self, html):
        super().__init__()
        self.found = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    @property
    def rows(self):
        return [attrs for tag, attrs in self.found if tag == "li" and "data-status" in attrs]

    def targets(self):
        names = ("hx-partial", "hx-upsert")
        return [attrs["hx-target"] for tag, attrs in self.found if tag in names]


@pytest.fixture
def elements():
    return lambda response: Elements(response.content.decode())


@pytest.fixture
def panel(inside_acme):
    return Panel.of()


@pytest.fixture
def panel_of(inside_acme):
    return Panel.of


@pytest.fixture
def question(inside_acme):
    """What the customer of the agent's request has written."""
    return MessageFactory(conversation__issue_id="10101", conversation__version=1)
