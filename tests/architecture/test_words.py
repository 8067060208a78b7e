"""What people read in a console is said through gettext: no bare English in code or templates."""

import ast
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("conversations", "channels", "jira_bridge", "logins", "omnichat")
CODE = sorted(
    path
    for package in PACKAGES
    for pattern in ("admin/**/*.py", "notices.py", "forms.py", "*_views.py", "operators/**/*.py")
    for path in (ROOT / package).glob(pattern)
)
TEMPLATES = sorted(
    path
    for folder in ("admin", "operator")
    for path in (ROOT / "templates" / folder).rglob("*.html")
)
# Names under which a text for people is given, and calls that are given one.
GIVEN = {
    *("description", "label", "help_text", "title", "verbose_name", "verbose_name_plural"),
    *("search_help_text", "empty_text", "empty_action", "index_title", "legend", "subtitle"),
}
TOLD = {"message_user": 1, "ValidationError": 0, "add_error": 1, "Notice": 1, "Page": 2}
NO_WORDS = {"OmniChat", "Infobip", "Jira", "WhatsApp", "SMS", "CSV", "JSON", "https"}
# Texts that go through gettext, remarks, and the names of CSS classes.
NOT_READ = re.compile(
    r"{#.*?#}"
    r"|{%\s*comment.*?endcomment\s*%}"
    r"|{%\s*blocktrans(?:late)?\b.*?endblocktrans(?:late)?\s*%}"
    r"|{%\s*block bodyclass\s*%}.*?{%\s*endblock\b",
    re.DOTALL,
)
SILENT = {"script", "style", "code"}
SAID_TO_NOBODY = ROOT / "conversations/admin/paging.py"  # why an address is none of ours
TAG = re.compile(r"{%.*?%}|{{.*?}}", re.DOTALL)
SPOKEN = ("aria-label", "title", "placeholder", "alt")


def is_bare(node):
    """Whether this is English as it stands: a string, or one with values put into it."""
    if isinstance(node, ast.JoinedStr):
        return any(is_bare(part) for part in node.values)
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and has_words(node.value)


def has_words(text):
    return bool(set(re.findall(r"[^\W\d_]{2,}", text)) - NO_WORDS)


def texts_given(node):
    match node:
        case ast.Call(func=function, args=arguments, keywords=keywords):
            name = getattr(function, "attr", getattr(function, "id", ""))
            place = TOLD.get(name)
            yield from arguments[place : place + 1] if place is not None else []
            yield from (each.value for each in keywords if each.arg in GIVEN)
        case ast.Dict(keys=keys, values=values):
            pairs = zip(keys, values, strict=True)
            yield from (value for key, value in pairs if getattr(key, "value", "") == "title")
        case ast.Assign(targets=[ast.Name(id=name)], value=value) if name in GIVEN:
            yield value


def bare_in_code(source):
    return [
        text.lineno
        for node in ast.walk(ast.parse(source))
        for text in texts_given(node)
        if is_bare(text)
    ]


class Reader(HTMLParser):
    """Reads what is left of a template without its tags."""

    def __init__(self):
        super().__init__()
        self.found, self.silent = [], 0

    def handle_starttag(self, tag, attrs):
        self.silent += tag in SILENT
        given = dict(attrs)
        spoken = [given.get(name) or "" for name in SPOKEN]
        if given.get("type") in {"submit", "button"}:
            spoken.append(given.get("value") or "")
        self.found += [text for text in spoken if has_words(text)]

    def handle_endtag(self, tag):
        self.silent -= tag in SILENT

    def handle_data(self, data):
        if not self.silent and has_words(data):
            self.found.append(data.strip())


def bare_in_template(source):
    reader = Reader()
    reader.feed(TAG.sub(" ", NOT_READ.sub(" ", source)))
    return reader.found


@pytest.mark.parametrize(
    "path",
    [path for path in CODE if path != SAID_TO_NOBODY],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_code_of_the_console_says_nothing_untranslated(path):
    assert bare_in_code(path.read_text("utf-8")) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_template_of_the_console_says_nothing_untranslated(path):
    assert bare_in_template(path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        '@admin.display(description="state")\ndef state(self): ...',
        'self.message_user(request, f"Nothing was loaded. {failure}", messages.ERROR)',
        'raise forms.ValidationError("A key has letters.")',
        'class F:\n    title = "offered to agents"',
        'context = {"title": "Test message"}',
    ],
)
def test_bare_english_in_code_is_found(source):
    assert len(bare_in_code(source)) == 1


@pytest.mark.parametrize(
    "source",
    [
        "<p>No sender yet.</p>",
        '<input type="submit" value="Save">',
        '<button aria-label="Copy it">{{ sign }}</button>',
        '{% if a %}Home{% endif %} {% translate "Away" %}',
    ],
)
def test_bare_english_in_a_template_is_found(source):
    assert len(bare_in_template(source)) == 1


@pytest.mark.parametrize(
    "source",
    [
        "<p title=\"{% translate 'Copy' %}\">{% blocktranslate %}Hi {{ x }}{% endblocktranslate %}",
        "{# A remark. #}<script>const word = 1</script> OmniChat · {{ name }}",
        "{% block bodyclass %}{{ block.super }} change-form{% endblock %}",
    ],
)
def test_translated_template_is_quiet(source):
    assert bare_in_template(source) == []
