"""The guides: pages for everybody, whose pictures and links lead somewhere."""

import re
from pathlib import PurePosixPath

import pytest
from babel.messages.pofile import read_po
from django.conf import settings
from django.contrib.staticfiles import finders
from django.utils.text import slugify

from conversations.panel.situation import SECTIONS
from omnichat.guide import GUIDES, render
from tests.browser.states import STATES
from tests.screenshots import console
from tests.screenshots.scenes import SCENES

ROOT = settings.BASE_DIR
# What is not the console's to say: an icon, Jira's and the app's own pages, Django's script.
SAID_ELSEWHERE = {"?", "Apps → OmniChat", "Open the console", "Add another Text"}
TAKEN = {"panel": {*STATES, *SCENES}, "console": {*console.PICTURES}}


@pytest.fixture(params=GUIDES)
def guide(request):
    return request.param


@pytest.fixture
def page(client, guide):
    response = client.get(f"/guide/{guide}/")
    assert response.status_code == 200
    return response


def pictures_named_in(path):
    return re.findall(r"images/(?:panel|console)/([\w-]+)-(?:light|dark)\.png", path.read_text())


def test_page_is_for_everybody_and_strict(page):
    policy = page.headers["Content-Security-Policy"]

    assert page.headers["Cache-Control"] == "public, max-age=3600"
    assert "Vary" not in page.headers
    assert page.cookies == {}
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert b"<style" not in page.content
    assert b"style=" not in page.content


def test_each_section_is_in_the_contents_and_can_be_linked_to(page, guide):
    titles = re.findall(r"^## (.+)$", GUIDES[guide].read_text(), re.MULTILINE)
    contents, _nav, _rest = page.content.decode().partition("</nav>")

    assert re.findall(r'<a href="#([\w-]+)">', contents) == [slugify(title) for title in titles]
    assert len(titles) == len(set(titles))


def test_links_inside_lead_somewhere(page):
    html = page.content.decode()
    ids = set(re.findall(r' id="([\w-]+)"', html))

    assert {
        anchor for anchor in re.findall(r'href="#([\w-]+)"', html) if anchor not in ids
    } == set()


def test_panel_leads_to_sections_that_are_there(client):
    html = client.get("/guide/agents/").content.decode()

    assert set(SECTIONS.values()) <= set(re.findall(r' id="([\w-]+)"', html))


def test_pictures_of_the_page_are_served_in_both_colours(page, guide):
    html = page.content.decode()
    named = [PurePosixPath(path).name for path in re.findall(r'/static/guide/([^" ]+)', html)]

    assert len(set(named)) == 2 * len(set(pictures_named_in(GUIDES[guide])))
    assert [name for name in named if finders.find(f"guide/{name}") is None] == []
    assert len(re.findall('<img [^>]*alt="[^"]{8,}"', html)) == html.count("<img ")


@pytest.mark.parametrize("of", TAKEN)
def test_every_picture_is_shown_and_can_be_taken_again(of):
    texts = [path.read_text() for path in (*GUIDES.values(), ROOT / "README.md")]
    shown = set(re.findall(rf"images/{of}/([\w-]+)-(?:light|dark)\.png", "".join(texts)))

    assert shown == TAKEN[of]
    assert {path.name for path in (ROOT / "docs" / "images" / of).iterdir()} == {
        f"{name}-{colour}.png" for name in shown for colour in ("light", "dark")
    }


def test_pictures_of_both_guides_have_names_of_their_own():
    assert TAKEN["panel"] & TAKEN["console"] == set()  # they are served from one folder


def test_page_is_light_enough_to_be_read_under_way():
    sizes = [path.stat().st_size for path in (ROOT / "docs/images/console").iterdir()]

    assert max(sizes) < 250_000
    assert sum(sizes) < 4_500_000


def test_names_in_the_guide_are_those_of_the_console():
    with (ROOT / "locale/de/LC_MESSAGES/django.po").open("rb") as file:
        said = {words for message in read_po(file) for words in forms_of(message) if words}
    named = re.findall(r"\*\*([^*]+)\*\*", GUIDES["admins"].read_text())

    names = {" ".join(name.split()).removesuffix(".") for name in named} - SAID_ELSEWHERE
    assert names - said - {words[0].upper() + words[1:] for words in said} == set()


def forms_of(message):
    return [message.id] if isinstance(message.id, str) else message.id


def test_table_is_shown_as_one():
    page = render("# Title\n\n| column | |\n|---|---|\n| `number` | required |\n")

    assert "<th>column</th>" in page
    assert "<td><code>number</code></td>" in page


@pytest.mark.parametrize("path", ["../../.env", "..%2f..%2fREADME.md", "%2e%2e/panel.png"])
def test_nothing_else_is_served_with_the_pictures(client, path):
    assert client.get(f"/static/guide/{path}").status_code == 404


def test_html_in_the_guide_is_text():
    page = render("# Title\n\n## One\n\n<b>bold</b> [x](javascript:alert)")

    assert "&lt;b&gt;bold" in page
    assert 'href="javascript' not in page
