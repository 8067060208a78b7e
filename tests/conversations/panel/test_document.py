"""The document of the frame: the same for everybody, strict about its parents and its means."""

import re
from html.parser import HTMLParser

import pytest
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string

pytestmark = pytest.mark.django_db


@pytest.fixture
def document(client):
    return client.get("/panel/")


def test_document_says_nothing_about_anybody(document, client):
    with_token = client.get("/panel/", headers={"Authorization": "Bearer whatever"})

    assert document.content == with_token.content
    assert not document.cookies


def test_policy_lets_only_jira_embed_it(document):
    policy = directives(document)

    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["connect-src"].split() == ["'self'", "http://127.0.0.1:8000"]
    assert policy["frame-ancestors"] == "http://localhost:8081"
    assert "X-Frame-Options" not in document.headers


def test_parents_are_named_for_the_page(document):
    assert 'data-parent-origins="http://localhost:8081"' in document.content.decode()


def test_nothing_in_the_panel_is_inline_or_evaluated():
    names = ["document", "form", "composer", "banner", "head", "message", "status", "emoji"]
    names += ["viewer", "chooser", "found", "filling", "file", "quote", "parts_of_message"]
    for name in names:
        context = {"composer": {"kind": "form"}, "count": 0, "most_files": 10}
        page = render_to_string(f"panel/{name}.html", context)
        assert not re.search(r"\son\w+=|\sstyle=|hx-on|js:|javascript:", page), name
        assert not re.search(r"<script(?![^>]*src=)|<style", page), name


def test_everything_that_the_document_loads_exists(document):
    addresses = Loaded(document.content.decode()).addresses

    assert "panel/panel.js" in addresses
    assert [address for address in addresses if finders.find(address) is None] == []


class Loaded(HTMLParser):
    def __init__(self, page):
        super().__init__()
        self.addresses = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name in {"src", "href"} and value.startswith("/static/"):
                self.addresses.append(value.removeprefix("/static/"))


def directives(response):
    policy = response.headers["Content-Security-Policy"]
    return dict(part.strip().split(" ", 1) for part in policy.split(";"))
