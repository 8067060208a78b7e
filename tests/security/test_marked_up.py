"""Words that would like to be mark-up, wherever people can write some: shown, never obeyed."""

from html.parser import HTMLParser

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import models

from conversations.models import Attachment, Conversation, Customer, Message, Sender
from tenants.context import tenant_context
from tests.security.hostile import MARKUP
from tests.security.knocking import MACHINES_HOST, host_of, knock, may
from tests.security.routes import Guard, routes

pytestmark = pytest.mark.django_db

# By our own words; Django and the database hold them to a form of their own.
KEPT_AS_IT_IS = {
    *("state", "kind", "direction", "channel", "issue_id", "content_type", "file", "thumbnail"),
    *("schedule", "language", "category", "source", "topic", "group", "subject", "dedupe_key"),
    *("key", "value", "number", "digest", "base_url", "status", "action", "actor_kind"),
    *(
        "service_desk_id",
        "request_type_id",
        "sha256",
        "source_url",
        "mask",
        "transcript",
        "time_zone",
    ),
}


# Rows that hold none, or whose own words are written below.
NOBODYS_WORDS = {"provideraccount", "auditevent", "outboxentry", "user", "person", "waytest"}


class Obeyed(HTMLParser):
    """What a browser would do because of our words: attributes and elements that are not ours."""

    def __init__(self, said):
        super().__init__()
        self.found = []
        self.feed(said)

    def handle_starttag(self, tag, attributes):
        named = dict(attributes)
        runs = [name for name in named if name.startswith("on")]
        leads = [value for value in named.values() if (value or "").startswith("javascript:")]
        if runs or leads or named.get("src") == "x":
            self.found.append((tag, named))


def mark_up(row):
    """Write mark-up into every free text of a row, as far as it is long enough."""
    changes = {}
    for field in row._meta.concrete_fields:
        free = isinstance(field, models.CharField | models.TextField) and not field.choices
        if free and not field.unique and field.name not in KEPT_AS_IT_IS:
            changes[field.attname] = MARKUP[: field.max_length or None]
    if changes:
        type(row)._base_manager.filter(pk=row.pk).update(**changes)


@pytest.fixture
def marked_up(worlds):
    """A site in which everything that people may write is mark-up."""
    own, _other = worlds
    with tenant_context(own.site):
        for name, row in own.rows.items():
            if name not in NOBODYS_WORDS:
                mark_up(row)
        own.rows["user"].first_name = own.rows["user"].last_name = MARKUP[:30]
        own.rows["user"].save()
        Attachment.objects.create(
            message=own.rows["message"],
            state="stored",
            name=MARKUP,
            content_type="image/svg+xml",
            file=default_storage.save("attachments/a.svg", ContentFile(b"<svg onload='a()'/>")),
        )
        assert Message.objects.filter(text=MARKUP).exists()
        assert Customer.objects.filter(name=MARKUP).exists()
        assert Conversation.objects.filter(issue_key=MARKUP[:64]).exists()
        assert Sender.objects.exists()
    return own


def shown_to(identity, guard, own):
    """Return what each page shows that somebody may see."""
    return {
        route.pattern: knock(identity, route.address(own), host=host_of(route, own))
        for route in routes()
        if route.guard is guard and may(identity, route, "GET") and route.name != "logout"
    }


def obeyed(answers):
    found = {at: Obeyed(answer.said).found for at, answer in answers.items()}
    return {at: each for at, each in found.items() if each}


def test_panel_shows_marked_up_words_as_words(marked_up, everybody):
    answers = shown_to(everybody["agent"], Guard.PANEL, marked_up)

    assert "&lt;img src=x onerror" in answers["panel/<str:issue_id>/view"].said
    assert {at: a.status for at, a in answers.items() if a.status >= 500} == {}
    assert obeyed(answers) == {}


def test_console_shows_marked_up_words_as_words(marked_up, everybody):
    answers = shown_to(everybody["owner of the console"], Guard.CONSOLE, marked_up)

    pages = [at for at, answer in answers.items() if "&lt;img src=x" in answer.said]
    assert len(pages) > 10
    assert {at: a.status for at, a in answers.items() if a.status >= 500} == {}
    assert obeyed(answers) == {}


def test_what_is_looked_for_comes_back_as_words(marked_up, everybody):
    query = "?q=%22%3E%3Cimg+src%3Dx+onerror%3Dalert(1)%3E"
    agent = everybody["agent"]

    answers = {
        at: knock(agent, f"/panel/{marked_up.issue_id}/{at}{query}", host=MACHINES_HOST)
        for at in ("search", "templates", "accounts")
    }

    assert obeyed(answers) == {}


def test_this_test_would_see_it():
    assert Obeyed(MARKUP).found != []
