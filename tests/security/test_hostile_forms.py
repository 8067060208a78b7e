"""Hostile values in every field, query and header of every page: a reason, never a failure."""

import re
from html import unescape

import pytest
from django.db import transaction
from django.utils.http import urlencode

from tests.security.hostile import HEADERS, MARKUP, TEXTS
from tests.security.identities import Identity
from tests.security.knocking import MACHINES_HOST, host_of, knock, may
from tests.security.routes import Guard, routes

pytestmark = pytest.mark.django_db

FIELD = re.compile(r"<(?:input|select|textarea)\b[^>]*?\sname=\"([^\"]+)\"")
PAGES = {Guard.CONSOLE: "owner of the console", Guard.OPERATOR: "operator"}
# What is read from a query somewhere; every page gets all of it.
QUERIES = (
    *("q", "o", "p", "e", "all", "_popup", "_to_field", "_facets", "_changelist_filters", "next"),
    *("since", "until", "older", "newer", "who", "reason", "entry", "state", "state__exact"),
    *("channel", "section", "days", "after", "before", "gap_after", "gap_before", "seen", "lang"),
    *("sender", "address", "language", "present", "typed", "upto", "holding", "object_id", "type"),
    *("id__in", "pk__exact", "action", "conversation", "customer", "customer__name__contains"),
)
SHARE = 3  # of the addresses one in so many meets a value: each of them meets several
BOUNDARY = "b" * 30
BUTTONS = ("", "_save", "_continue", "_addanother", "post", "confirm", "preview")


def tried(identity, route, world, *, query="", **request):
    """Send a request and undo what it did: the next one finds everything as it was."""
    with transaction.atomic():
        asked = {"host": host_of(route, world), **request}
        answer = knock(identity, route.address(world) + query, **asked)
        transaction.set_rollback(True)
    return answer


def forms(world, everybody, share=None):
    """Yield every page with a form, whose it is, and the names of its fields."""
    for route in routes()[share::SHARE] if share is not None else routes():
        name = PAGES.get(route.guard) or ("stranger" if route.guard is Guard.DOOR else "")
        if not name or route.name == "logout":
            continue
        page = tried(everybody[name], route, world)
        fields = {unescape(each) for each in FIELD.findall(page.said)}
        yield route, everybody[name], sorted(fields | set(BUTTONS)) if fields else ["action"]


def broken(answers):
    """Return the answers that failed, or that put mark-up where it would be obeyed."""
    return {
        asked: answer.status
        for asked, answer in answers.items()
        if answer.status >= 500 or MARKUP[:20] in answer.said or "Traceback" in answer.said
    }


@pytest.mark.parametrize("value", range(len(TEXTS)))
def test_no_value_breaks_a_form(worlds, everybody, tally, value):
    own, _other = worlds

    answers = {}
    for route, identity, fields in forms(own, everybody, share=value % SHARE):
        content = [(field, TEXTS[value]) for field in fields] + [("of_nobody", TEXTS[value])]
        body = urlencode(content).encode()
        answers[route.pattern] = tried(identity, route, own, method="POST", body=body)

    tally(requests=len(answers))
    assert len(answers) > 30
    assert broken(answers) == {}


@pytest.mark.parametrize("kind", ["fields twice", "files for texts", "texts for files", "cut"])
def test_no_shape_of_a_form_breaks_it(worlds, everybody, tally, kind):
    own, _other = worlds

    answers = {}
    for route, identity, fields in forms(own, everybody):
        body, content_type = SHAPES[kind](fields)
        answers[route.pattern] = tried(
            identity, route, own, method="POST", body=body, content_type=content_type
        )

    tally(requests=len(answers))
    assert broken(answers) == {}


@pytest.mark.parametrize("value", range(len(TEXTS)))
def test_no_value_breaks_a_query(worlds, everybody, tally, value):
    own, _other = worlds
    text = TEXTS[value][:4_000]  # servers take no longer line
    query = "?" + urlencode([(name, text) for name in QUERIES])

    answers = {}
    for route in routes()[value % SHARE :: SHARE]:
        for name in ("owner of the console", "operator", "agent", "stranger"):
            if route.name != "logout" and may(everybody[name], route, "GET"):
                at = route.pattern, name
                answers[at] = tried(everybody[name], route, own, query=query)

    tally(requests=len(answers))
    assert broken(answers) == {}


@pytest.mark.parametrize("number", range(len(HEADERS)))
def test_no_header_breaks_a_page(worlds, everybody, tally, number):
    own, other = worlds

    answers = {}
    for route in routes()[number % SHARE :: SHARE]:
        for name in ("owner of the console", "agent", "stranger"):
            if route.name != "logout" and may(everybody[name], route, "GET"):
                at = route.pattern, name
                answers[at] = tried(everybody[name], route, own, **HEADERS[number])

    tally(requests=len(answers))
    assert broken(answers) == {}
    assert [at for at, a in answers.items() if "evil.example" in a.said] == []
    assert [at for at, a in answers.items() if any(word in a.said for word in other.words)] == []


@pytest.mark.parametrize("path", ["/media/", "/panel/files/", "/static/", "/hooks/infobip/"])
@pytest.mark.parametrize(
    "rest",
    [
        *("../../etc/passwd", "%2e%2e/%2e%2e/etc/passwd", "..%2f..%2fomnichat/settings.py", "%00"),
        *("....//....//etc/passwd", "%c0%ae%c0%ae/", "a" * 8_000, "C:\\windows\\win.ini", "//"),
    ],
)
def test_no_path_leads_out(worlds, path, rest):
    for host in (MACHINES_HOST, worlds[0].site.host):
        answer = knock(Identity(), path + rest, host=host)
        assert answer.status in {404, 405}
        assert "root:" not in answer.said


def twice(fields):
    pairs = [(field, value) for field in fields for value in ("1", "\x00", "1", MARKUP)]
    return urlencode(pairs).encode(), "application/x-www-form-urlencoded"


def multipart(fields, *, file):
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"{file}\r\n\r\n'
        "a\x00\xffb\r\n"
        for field in fields
    ]
    content = "".join([*parts, f"--{BOUNDARY}--\r\n"]).encode()
    return content, f"multipart/form-data; boundary={BOUNDARY}"


def cut(fields):
    whole, content_type = multipart(fields, file='; filename="a.csv"')
    return whole[: len(whole) // 2], content_type


SHAPES = {
    "fields twice": twice,
    "files for texts": lambda fields: multipart(fields, file='; filename="../../a\x00.html"'),
    "texts for files": lambda fields: multipart(fields, file=""),
    "cut": cut,
}
