"""The emoji of the reply box: the same in every language, each with a name and words to find it."""

import json
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders

from conversations.panel.emoji import EMOJI

LANGUAGES = sorted({code[:2] for code, _ in settings.LANGUAGES})
OFTEN_USED = [character for character, _ in EMOJI]


def names_in(language):
    return json.loads(Path(finders.find(f"panel/emoji.{language}.json")).read_text())


def in_groups(language):
    return [each for group in names_in(language)["groups"] for each in group["emoji"]]


def characters(language):
    return [[each[0] for each in group["emoji"]] for group in names_in(language)["groups"]]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_offers_the_same_emoji_in_the_same_order(language):
    assert characters(language) == characters("en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_those_often_used_can_be_found_in_every_language(language):
    assert list(names_in(language)["favourites"]) == OFTEN_USED


def test_no_emoji_is_offered_twice():
    offered = OFTEN_USED + [character for character, _, _ in in_groups("en")]

    assert len(offered) == len(set(offered))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_emoji_has_a_name_of_its_own(language):
    names = [name for _, name, _ in in_groups(language)]

    assert all(name == name.strip() and name for name in names)
    assert len(names) == len(set(names))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_emoji_has_one_to_three_words_to_find_it(language):
    found_by = names_in(language)["favourites"]
    found_by |= {character: words for character, _, words in in_groups(language)}

    assert [each for each, words in found_by.items() if not 1 <= len(words.split()) <= 3] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_group_has_a_heading(language):
    assert all(group["name"] for group in names_in(language)["groups"])
