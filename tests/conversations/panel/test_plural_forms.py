"""Texts with a number that only the page knows: every plural form at once, chosen by words.js."""

import json
import shutil
import subprocess
from html import unescape
from pathlib import Path

import pytest
from django.template import Context, Template
from django.utils import translation

WORDS = Path(__file__).parents[3] / "conversations/static/panel/words.js"
NODE = shutil.which("node")
RUNNER = """
globalThis.document = { documentElement: { lang: process.argv[2] } };
const { plural } = await import("./words.mjs");
const forms = '{"one": "%s poruka", "few": "%s poruke", "other": "%s poruka."}';
console.log(JSON.stringify([1, 21, 2, 34, 5, 12, 1000].map((each) => plural(forms, each))));
"""
TEMPLATE = """{% load i18n plural_forms %}{% plural_forms %}{% blocktranslate count n=n %}
{{ n }} "template"{% plural %}{{ n }} "templates"{% endblocktranslate %}{% endplural_forms %}"""


def forms_in(language):
    with translation.override(language):
        return Template(TEMPLATE.replace("\n", "")).render(Context())


def test_english_has_two_forms():
    shown = forms_in("en-gb")

    assert json.loads(unescape(shown)) == {"one": '%s "template"', "other": '%s "templates"'}


def test_croatian_has_three_forms():
    assert set(json.loads(unescape(forms_in("hr")))) == {"one", "few", "other"}


def test_forms_fit_into_an_attribute():
    assert '"' not in forms_in("en-gb")


@pytest.mark.skipif(NODE is None, reason="no node here; Chromium shows them too")
def test_page_chooses_by_the_rules_of_the_language(tmp_path):
    shutil.copy(WORDS, tmp_path / "words.mjs")
    (tmp_path / "runner.mjs").write_text(RUNNER, encoding="utf-8")

    command = [NODE, tmp_path / "runner.mjs", "hr"]
    done = subprocess.run(command, capture_output=True, check=True, timeout=60)  # noqa: S603

    assert json.loads(done.stdout) == [
        "1 poruka",
        "21 poruka",
        "2 poruke",
        "34 poruke",
        "5 poruka.",
        "12 poruka.",
        "1.000 poruka.",
    ]
