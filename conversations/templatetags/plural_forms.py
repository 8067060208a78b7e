"""Texts with a number in them for the page's scripts, which learn the number later."""

import json
from functools import cache
from typing import Any

from babel import Locale
from django import template
from django.template.base import Node, NodeList, Parser, Token
from django.utils.html import conditional_escape

from conversations.languages import reading_locale

register = template.Library()

# In every language of CLDR each category of whole numbers has one among these.
_SAMPLES = 200


class _Blank(int):
    """A number that chooses the plural form and leaves its own place in the text open."""

    def __str__(self) -> str:
        return "%s"


class _PluralForms(Node):
    def __init__(self, nodelist: NodeList) -> None:
        self.nodelist = nodelist

    def render(self, context: template.Context) -> Any:
        forms = {}
        for category, sample in _samples(reading_locale()).items():
            with context.push(n=_Blank(sample)):
                forms[category] = self.nodelist.render(context)
        return conditional_escape(json.dumps(forms, ensure_ascii=False))


@register.tag
def plural_forms(parser: Parser, _token: Token) -> Node:
    """Write a text in every plural form of the language, for `plural()` of words.js.

    Around a `{% blocktranslate count n=n %}` whose text says the number as `{{ n }}`.
    """
    nodelist = parser.parse(("endplural_forms",))
    parser.delete_first_token()
    return _PluralForms(nodelist)


@cache
def _samples(locale: Locale) -> dict[str, int]:
    """Return a number of each plural category, the smallest first."""
    samples: dict[str, int] = {}
    for number in range(_SAMPLES):
        samples.setdefault(locale.plural_form(number), number)
    return samples
