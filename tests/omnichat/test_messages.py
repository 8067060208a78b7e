"""Every text for people is translated: German and Croatian complete, and Django reads the same."""

import ast

import pytest
from babel.messages import Catalog

from omnichat import messages


@pytest.fixture(scope="module")
def found():
    return messages.find()


def known_in(language, **said):
    catalog = Catalog(locale=language)
    for form in said.values():
        catalog.add(*form)
    return catalog


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_everything_is_translated(language, found):
    # `make messages` adds what is missing; a translator does the rest.
    assert list(messages.problems(messages.read(language), found)) == []


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_what_django_reads_is_what_translators_wrote(language):
    compiled = messages.compiled(language, messages.read(language))

    # `make messages` compiles them anew.
    assert messages.path_of(language, ".mo").read_bytes() == compiled


def test_texts_come_from_templates(found):
    assert found.get("Reply to customer")


def test_texts_come_from_code(found):
    assert found.get("You can read this conversation but not reply.")


def test_no_text_hides_inside_another_string():
    """Python before 3.12 does not look into an f-string for what is called there."""
    hidden = [
        f"{path}:{call.lineno}"
        for path in messages.sources()
        if path.suffix == ".py"
        for string in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(string, ast.JoinedStr)
        for call in ast.walk(string)
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in messages.KEYWORDS
    ]

    assert hidden == []


@pytest.mark.parametrize(
    ("said", "translated", "problem"),
    [
        ("Send", "", "“Send”: not translated"),
        ("Hello %(name)s", "Hallo", "“Hello %(name)s”: other placeholders in “Hallo”"),
        ("%%h h left", "%%m h übrig", "“%%h h left”: other placeholders in “%%m h übrig”"),
        ("<b>Now</b>", "Jetzt", "“<b>Now</b>”: other placeholders in “Jetzt”"),
        ("From:", "Von", "“From:”: begins or ends otherwise in “Von”"),
    ],
)
def test_problem_is_named(said, translated, problem):
    known, said_somewhere = known_in("de", it=(said, translated)), known_in("en", it=(said,))

    assert list(messages.problems(known, said_somewhere)) == [problem]


def test_plural_needs_every_form_of_the_language():
    forms = ("%(n)s day", "%(n)s days")
    known, found = (
        known_in("hr", it=(forms, ("%(n)s dan", "%(n)s dana"))),
        known_in("en", it=(forms,)),
    )

    assert list(messages.problems(known, found)) == ["“%(n)s day”: 2 plural forms of 3"]


def test_doubtful_translation_is_a_problem():
    known, found = known_in("de", it=("Send", "Senden")), known_in("en", it=("Send",))
    known.get("Send").flags.add("fuzzy")

    assert list(messages.problems(known, found)) == ["“Send”: fuzzy"]


def test_text_that_nobody_says_any_more_is_a_problem():
    known = known_in("de", it=("Send", "Senden"))

    assert list(messages.problems(known, Catalog())) == ["“Send”: nobody says this any more"]


def test_missing_text_is_a_problem():
    assert list(messages.problems(Catalog(locale="de"), known_in("en", it=("Send",)))) == [
        "“Send”: missing"
    ]
